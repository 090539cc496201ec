//! `company …`, `user add` and `resource add`.

use std::io::{BufRead, Write};

use anyhow::Context;
use chrono::{DateTime, Utc};
use domain::access::Role;
use domain::{CompanyId, GroupId};
use protocol::entity::{Entity, EntityKind};
use server::import::resources_csv;
use server::{Admin, Clock, SystemClock};

use super::{CompanyCommand, NewResource, NewUser, RoleName};

pub(super) fn change(command: CompanyCommand) -> anyhow::Result<()> {
    match command {
        CompanyCommand::Add { name, zone, currency, region, data } => {
            data.open()?.add_company(server::NewCompany { name, zone, currency, region })?;
        }
        CompanyCommand::SetWebhook { company, url, data } => {
            let admin = data.open()?;
            let secret = admin.set_webhook(admin.company_named(&company)?, &url)?;
            writeln!(std::io::stdout(), "{}", secret.0)?;
        }
        CompanyCommand::ClearWebhook { company, data } => {
            let admin = data.open()?;
            admin.clear_webhook(admin.company_named(&company)?)?;
        }
    }
    Ok(())
}

pub(super) fn add_user(arguments: NewUser) -> anyhow::Result<()> {
    let admin = arguments.data.open()?;
    let company = admin.company_named(&arguments.company)?;
    let groups = groups_named(&admin, company, &arguments.groups)?;
    let password = password(&arguments)?;
    let role = match arguments.role {
        RoleName::Dispatcher => Role::Dispatcher,
        RoleName::Supervisor => Role::Supervisor,
        RoleName::Manager => Role::Manager,
        RoleName::Administrator => Role::Administrator,
    };
    let (login, name) = (arguments.login, arguments.name);
    admin.add_user(server::NewUser { company, login, name, password, role, groups })?;
    Ok(())
}

fn groups_named(admin: &Admin, company: CompanyId, names: &[String]) -> anyhow::Result<Vec<GroupId>> {
    let known = admin.rows(company, EntityKind::Group)?;
    let find = |name: &String| {
        let named = |row: &Entity| {
            if let Entity::Group(group) = row { (group.name == *name).then_some(group.id) } else { None }
        };
        known.iter().find_map(named).with_context(|| format!("there is no group “{name}”"))
    };
    names.iter().map(find).collect()
}

/// Never from the arguments: other users of the machine can read those.
fn password(arguments: &NewUser) -> anyhow::Result<String> {
    let text = match (&arguments.password_file, std::env::var("OFFICETRACK_PASSWORD")) {
        (Some(file), _) => {
            std::fs::read_to_string(file).with_context(|| format!("can't read {}", file.display()))?
        }
        (None, Ok(password)) => password,
        (None, Err(_)) => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line)?;
            line
        }
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// As the import of a file with one row, so that the same checks apply.
pub(super) fn add_resource(arguments: NewResource) -> anyhow::Result<()> {
    let now: DateTime<Utc> = SystemClock.now();
    let admin = arguments.data.open()?;
    let company = admin.company_named(&arguments.company)?;
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["name", "employee_number", "group", "phone", "email"])?;
    csv.write_record([
        &arguments.name,
        &arguments.number,
        &arguments.group,
        &arguments.phone,
        &arguments.email,
    ])?;
    let report = resources_csv(&admin, company, &csv.into_inner()?, now)?;
    if let Some(problem) = report.problems.first() {
        anyhow::bail!("{} {}", problem.column, problem.reason);
    }
    let code = report.codes.first().context("no code was made")?;
    writeln!(std::io::stdout(), "{}", code.code.0)?;
    Ok(())
}
