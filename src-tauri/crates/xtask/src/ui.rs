//! The interface: compiled to WebAssembly, bound for the web view, and laid out in `ui/dist` beside its page.
//!
//! Files in `ui/dist` are written only when their bytes change, so that the desk is not rebuilt for nothing.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::plan::Done;
use crate::project::Project;
use crate::step::Step;
use crate::wasm::{self, TARGET};

/// What goes into `ui/dist` as it is, by its place in `ui`.
const PAGE: &[&str] = &["index.html", "start.js", "style", "fonts", "images"];

/// Builds `ui/dist`.
///
/// # Errors
/// When the page is missing, the interface does not compile, or files cannot be written.
pub fn build(project: &Project, step: &mut Step) -> Result<Done> {
    for needed in ["ui/index.html", "ui/start.js"] {
        if !project.path(needed).is_file() {
            bail!("{needed} is missing: it is part of the page that hosts the interface");
        }
    }
    let module = compile(project, step)?;
    let bound = bind(project, step, &module)?;
    let dist = project.path("ui/dist");
    let mut layout = Layout::new(&dist);
    layout.add(&bound, Path::new(""))?;
    for part in PAGE {
        let source = project.path("ui").join(part);
        if source.exists() {
            layout.add(&source, Path::new(part))?;
        }
    }
    layout.remove_the_rest()?;
    let size = fs::metadata(dist.join("web_bg.wasm"))?.len();
    let tenths = size / 100_000;
    let changed = if layout.written == 0 { "unchanged" } else { "updated" };
    Done::note(format!("{changed}, module {}.{} MB", tenths / 10, tenths % 10))
}

fn compile(project: &Project, step: &mut Step) -> Result<PathBuf> {
    let toolchain = wasm::chosen(project)?;
    let mut cargo = toolchain.cargo(project);
    cargo
        .args(["build", "-p", "web", "--target", TARGET])
        .args(toolchain.build_args())
        .args(["--profile", "ui"]);
    step.run(&mut cargo)?;
    Ok(project.target("ui").join(TARGET).join("ui/web.wasm"))
}

/// Runs `xtask-bindgen` unless its output for this very module is there; returns the output's folder.
fn bind(project: &Project, step: &mut Step, module: &Path) -> Result<PathBuf> {
    let out_dir = project.target("xtask/bound");
    let stamp_file = project.target("xtask/bound.stamp");
    let bytes = fs::read(module).with_context(|| format!("reading {}", module.display()))?;
    let lock = fs::read(project.path("Cargo.lock"))?;
    let stamp = stamp(&[&bytes, &lock]);
    if out_dir.join("web.js").is_file() && fs::read_to_string(&stamp_file).is_ok_and(|before| before == stamp)
    {
        return Ok(out_dir);
    }
    step.run(project.build_program("xtask-bindgen").args(["--features", "xtask/bindgen"]))?;
    if out_dir.exists() {
        fs::remove_dir_all(&out_dir)?;
    }
    step.run(project.command(project.built("xtask-bindgen")).arg(module).arg(&out_dir))?;
    fs::write(&stamp_file, stamp)?;
    Ok(out_dir)
}

fn stamp(parts: &[&[u8]]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The output folder being filled.
struct Layout<'a> {
    dist: &'a Path,
    kept: BTreeSet<PathBuf>,
    written: usize,
}

impl<'a> Layout<'a> {
    fn new(dist: &'a Path) -> Self {
        Self { dist, kept: BTreeSet::from([dist.join(".gitkeep")]), written: 0 }
    }

    /// Copies a file, or a folder with all it holds, to `relative` in the output.
    fn add(&mut self, source: &Path, relative: &Path) -> Result<()> {
        if source.is_dir() {
            for entry in fs::read_dir(source)? {
                let entry = entry?;
                self.add(&entry.path(), &relative.join(entry.file_name()))?;
            }
            return Ok(());
        }
        let to = self.dist.join(relative);
        let bytes = fs::read(source).with_context(|| format!("reading {}", source.display()))?;
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            fs::create_dir_all(to.parent().unwrap_or(self.dist))?;
            fs::write(&to, bytes).with_context(|| format!("writing {}", to.display()))?;
            self.written += 1;
        }
        self.kept.insert(to);
        Ok(())
    }

    /// Removes files an earlier build left behind.
    fn remove_the_rest(&mut self) -> Result<()> {
        for file in files(self.dist)? {
            if !self.kept.contains(&file) {
                fs::remove_file(&file).with_context(|| format!("removing {}", file.display()))?;
                self.written += 1;
            }
        }
        Ok(())
    }
}

/// All files below a folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_layout_writes_nothing_and_leftovers_go() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (source, dist) = (dir.path().join("style"), dir.path().join("dist"));
        fs::create_dir_all(source.join("deep")).expect("a source folder");
        fs::create_dir_all(&dist).expect("an output folder");
        fs::write(source.join("deep/tokens.css"), "a{}").expect("a source file");
        fs::write(dist.join("old.js"), "gone").expect("a leftover");
        fs::write(dist.join(".gitkeep"), "").expect("the placeholder");
        let written = [0, 1].map(|_| {
            let mut layout = Layout::new(&dist);
            layout.add(&source, Path::new("style")).expect("copied");
            layout.remove_the_rest().expect("tidied");
            layout.written
        });
        assert_eq!(written, [2, 0], "first one file copied and one removed, then nothing to do");
        assert!(dist.join("style/deep/tokens.css").is_file(), "folders keep their shape");
        assert!(dist.join(".gitkeep").is_file(), "the placeholder stays");
    }

    #[test]
    fn a_changed_module_is_bound_again() {
        assert_ne!(stamp(&[b"one", b"lock"]), stamp(&[b"two", b"lock"]), "another module, another stamp");
        assert_eq!(stamp(&[b"one", b"lock"]), stamp(&[b"one", b"lock"]), "the same module, the same stamp");
    }
}
