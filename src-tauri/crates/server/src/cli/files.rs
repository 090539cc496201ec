//! `import`.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use domain::ResourceId;
use server::import::{pois_csv, pois_geojson, resources_csv, tasks_csv};
use server::{Clock, ConnectionCode, SystemClock};

use super::{Import, Rows};

pub(super) fn import(arguments: &Import) -> anyhow::Result<ExitCode> {
    let text =
        std::fs::read(&arguments.file).with_context(|| format!("can't read {}", arguments.file.display()))?;
    let admin = arguments.data.open()?;
    let company = admin.company_named(&arguments.company)?;
    let is_geojson = text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let now = SystemClock.now();
    let report = match arguments.rows {
        Rows::Resources => resources_csv(&admin, company, &text, now)?,
        Rows::Tasks => tasks_csv(&admin, company, &text, now)?,
        Rows::Pois if is_geojson => pois_geojson(&admin, company, &text, now)?,
        Rows::Pois => pois_csv(&admin, company, &text, now)?,
    };
    if !report.codes.is_empty() {
        let codes = report.codes.iter().map(|new| (new.resource, new.phone.as_str(), &new.code));
        write_codes(std::io::stdout().lock(), codes)?;
    }
    let mut stderr = std::io::stderr().lock();
    for problem in &report.problems {
        writeln!(stderr, "{}: {problem}", arguments.file.display())?;
    }
    writeln!(stderr, "{} imported, {} not", report.imported, report.problems.len())?;
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// CSV with the columns `resource,msisdn,code`. Numbers are written as digits only: a plus in front would make a formula of them.
pub(super) fn write_codes<'c>(
    to: impl Write,
    codes: impl Iterator<Item = (ResourceId, &'c str, &'c ConnectionCode)>,
) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(to);
    csv.write_record(["resource", "msisdn", "code"])?;
    for (resource, phone, code) in codes {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        csv.write_record([resource.to_string(), digits, code.0.clone()])?;
    }
    csv.flush()?;
    Ok(())
}
