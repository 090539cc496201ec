//! A place in a text, and how it moves on.

use crate::Fault;
use crate::properties::finite;

/// What ends a number or a word.
const MARKS: [char; 4] = ['(', ')', ',', ';'];

/// A place in a text.
pub(crate) struct Scan<'a> {
    text: &'a str,
    offset: usize,
}

impl<'a> Scan<'a> {
    /// The start of a text.
    pub fn of(text: &'a str) -> Self {
        Self { text, offset: 0 }
    }

    /// Bytes from the start.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What is still to come.
    pub fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    /// Whether nothing comes any more.
    pub fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    /// Whether this comes next, after blanks; in any case of letters.
    pub fn is_at(&mut self, what: &str) -> bool {
        self.skip_blanks();
        self.rest().get(..what.len()).is_some_and(|next| next.eq_ignore_ascii_case(what))
    }

    /// Goes past blanks, `;` and comments; answers the comments.
    pub fn skip_between(&mut self) -> Vec<&'a str> {
        let mut comments = Vec::new();
        loop {
            let rest = self.rest();
            let rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ';');
            self.offset = self.text.len() - rest.len();
            if !rest.starts_with('#') && !rest.starts_with("--") {
                return comments;
            }
            let comment = rest.lines().next().unwrap_or(rest);
            comments.push(comment);
            self.offset += comment.len();
        }
    }

    /// Goes from `start` to where the next statement may begin: behind a `;`, or at a line that begins with a letter or a comment.
    pub fn skip_statement(&mut self, start: usize) {
        self.offset = start;
        let rest = self.rest();
        let begins_a_line = |(at, _): (usize, &str)| {
            let line = rest.get(at + 1..).unwrap_or_default().trim_start_matches([' ', '\t']);
            line.starts_with(|letter: char| letter.is_alphabetic() || letter == '#') || line.starts_with("--")
        };
        let line = rest.match_indices('\n').find(|found| begins_a_line(*found)).map(|(at, _)| at);
        let end = line.unwrap_or(rest.len());
        self.offset += rest.get(..end).and_then(|statement| statement.find(';')).unwrap_or(end);
    }

    /// Whether the statement ends here: at `;`, at the end of the line or of the text.
    pub fn is_at_statement_end(&self) -> bool {
        let rest = self.rest().trim_start_matches([' ', '\t', '\r']);
        rest.is_empty() || rest.starts_with(['\n', ';', '#']) || rest.starts_with("--")
    }

    /// A word of letters and `_`; empty when there is none.
    pub fn word(&mut self) -> String {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.find(|letter: char| !letter.is_alphabetic() && letter != '_').unwrap_or(rest.len());
        self.offset += end;
        rest.get(..end).unwrap_or_default().to_owned()
    }

    /// Takes this word, if it comes next.
    pub fn takes_word(&mut self, word: &str) -> bool {
        let before = self.offset;
        let taken = self.word().eq_ignore_ascii_case(word);
        if !taken {
            self.offset = before;
        }
        taken
    }

    /// Goes past `Z`, `M` or `ZM`.
    pub fn skip_dimensions(&mut self) {
        let _ = self.takes_word("ZM") || self.takes_word("Z") || self.takes_word("M");
    }

    /// Takes this mark, if it comes next.
    pub fn take(&mut self, mark: char) -> bool {
        let after = self.rest().trim_start().strip_prefix(mark);
        if let Some(after) = after {
            self.offset = self.text.len() - after.len();
        }
        after.is_some()
    }

    /// Takes this mark, which has to come next.
    ///
    /// # Errors
    /// [`Fault::Malformed`].
    pub fn expect(&mut self, mark: char) -> Result<(), Fault> {
        if self.take(mark) { Ok(()) } else { Err(Fault::malformed(self.rest())) }
    }

    /// A finite number.
    ///
    /// # Errors
    /// [`Fault::NotANumber`], [`Fault::Malformed`].
    pub fn number(&mut self) -> Result<f64, Fault> {
        self.skip_blanks();
        let rest = self.rest();
        let ends = |letter: char| letter.is_whitespace() || MARKS.contains(&letter);
        let text = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        if text.is_empty() {
            return Err(Fault::malformed(rest));
        }
        self.offset += text.len();
        finite(text)
    }

    /// All up to a mark; goes behind it.
    pub fn until(&mut self, mark: char) -> &'a str {
        let rest = self.rest();
        let end = rest.find(mark).unwrap_or(rest.len());
        self.offset = (self.offset + end + mark.len_utf8()).min(self.text.len());
        rest.get(..end).unwrap_or_default().trim()
    }

    fn skip_blanks(&mut self) {
        self.offset = self.text.len() - self.rest().trim_start().len();
    }
}
