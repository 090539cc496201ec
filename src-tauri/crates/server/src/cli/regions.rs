//! `region import`.

use std::io::{IsTerminal, Write};

use region::{Coast, Import, Progress, Step};
use server::{Clock, SystemClock};

use super::RegionImport;

pub(super) fn import(arguments: &RegionImport) -> anyhow::Result<()> {
    let import = Import {
        osm: &arguments.osm,
        tiles: &arguments.tiles,
        name: &arguments.name,
        out_root: &arguments.into,
        replace: arguments.replace,
    };
    let mut line = ProgressLine { shown_percent: None, on_terminal: std::io::stderr().is_terminal() };
    let made = import.run(SystemClock.now(), &mut |progress| line.show(progress));
    line.end();
    let made = made?;
    writeln!(std::io::stdout(), "{} is in {}", made.info().name, made.dir().display())?;
    Ok(())
}

/// One line that is written over on a terminal; elsewhere a line for every tenth.
struct ProgressLine {
    shown_percent: Option<u8>,
    on_terminal: bool,
}

impl ProgressLine {
    fn show(&mut self, progress: Progress) {
        if let Step::SeaDone(coast @ Coast::LeftOut(_)) = &progress.step {
            self.end();
            let _unseen = writeln!(std::io::stderr(), "{coast}");
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of 0…1 in percent"
        )]
        let percent = (progress.fraction.clamp(0.0, 1.0) * 100.0) as u8;
        let step = if self.on_terminal { 1 } else { 10 };
        if self.shown_percent.is_some_and(|shown| percent < shown.saturating_add(step)) {
            return;
        }
        self.shown_percent = Some(percent);
        let mut stderr = std::io::stderr().lock();
        // A progress line that can't be shown is no reason to give the import up.
        let _unseen = if self.on_terminal {
            write!(stderr, "\r{percent:>3} % {:<60}", progress.step.to_string())
        } else {
            writeln!(stderr, "{percent:>3} % {}", progress.step)
        };
    }

    fn end(&self) {
        if self.on_terminal {
            let _unseen = writeln!(std::io::stderr());
        }
    }
}
