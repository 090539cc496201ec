//! XML as a tree: names without prefixes, texts, the `name` attribute.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::{FileFault, line_at};

/// Elements within elements, at most.
const MOST_DEPTH: usize = 64;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Its name without prefix.
    pub name: String,
    /// Its attribute `name`.
    pub key: Option<String>,
    /// Its own text, all of it.
    pub text: String,
    /// What is in it.
    pub children: Vec<Element>,
    /// Where it begins in the file.
    pub offset: usize,
}

impl Element {
    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All elements of that name, in the order of the file, itself included, none within another one.
    pub fn all<'a>(&'a self, name: &str, found: &mut Vec<&'a Element>) {
        if self.name == name {
            found.push(self);
        } else {
            self.children.iter().for_each(|child| child.all(name, found));
        }
    }
}

/// Parses a whole document. Entities other than the five of XML and numbers are refused, and so is a document type.
pub(crate) fn parse(text: &str) -> Result<Element, FileFault> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let damaged = || FileFault::Malformed(line_at(text, before));
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(tag) => {
                if open.len() > MOST_DEPTH {
                    return Err(FileFault::TooDeep);
                }
                open.push(element(&tag, before).ok_or_else(damaged)?);
            }
            Event::Empty(tag) => {
                let element = element(&tag, before).ok_or_else(damaged)?;
                open.last_mut().ok_or_else(damaged)?.children.push(element);
            }
            Event::End(_) => {
                let element = open.pop().ok_or_else(damaged)?;
                open.last_mut().ok_or_else(damaged)?.children.push(element);
            }
            Event::Text(own) => open.last_mut().ok_or_else(damaged)?.text.push_str(&own.xml10_content()),
            Event::CData(own) => open.last_mut().ok_or_else(damaged)?.text.push_str(&own.xml10_content()),
            Event::GeneralRef(own) => {
                open.last_mut().ok_or_else(damaged)?.text.push(letter(&own).ok_or_else(damaged)?);
            }
            Event::DocType(_) => return Err(FileFault::HasDoctype),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    let mut document = open.pop().unwrap_or_default();
    match document.children.pop() {
        Some(root) if open.is_empty() => Ok(root),
        // An element that is not closed, or none at all.
        Some(_) | None => Err(FileFault::Malformed(line_at(text, text.len()))),
    }
}

fn element(tag: &BytesStart<'_>, offset: usize) -> Option<Element> {
    let name = tag.local_name().into_inner().to_owned();
    let key = match tag.try_get_attribute("name") {
        Ok(Some(attribute)) => {
            Some(attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).ok()?.into_owned())
        }
        Ok(None) => None,
        Err(_) => return None,
    };
    Some(Element { name, key, offset, ..Element::default() })
}

/// What a reference stands for.
fn letter(reference: &BytesRef<'_>) -> Option<char> {
    match &*reference.xml10_content() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok().flatten(),
    }
}
