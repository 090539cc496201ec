//! Instances in Solomon's format, as our problem, and the check of anybody's routes.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use domain::task::Priority;
use domain::{ResourceId, TaskId};
use plan::{DayProblem, Job, Leg, Matrix, PlaceNo, Window, Worker};
use serde_json::Value;
use uuid::Uuid;

/// Whole numbers of one unit of the file.
const SCALE: u32 = 100;

/// Depot and customers; customer 0 is the depot. All but demands in hundredths.
pub struct Instance {
    pub name: String,
    pub best_known: Option<f64>,
    pub vehicles: u32,
    pub capacity: u32,
    pub demand: Vec<u32>,
    pub opens: Vec<u32>,
    pub closes: Vec<u32>,
    pub service: Vec<u32>,
    pub matrix: Vec<Vec<u32>>,
}

/// All `.txt` files of a folder, by name.
pub fn read_all(folder: &Path) -> Result<Vec<Instance>> {
    let best = best_known(folder);
    let mut files: Vec<_> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    ensure!(!files.is_empty(), "no instance in the folder");
    let read = |file: &std::path::PathBuf| {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let known = |key: &str| best.as_ref()?.get(key)?.get("best_known_cost")?.as_f64();
        let best_known = known(&format!("{name}_distance")).or_else(|| known(&name));
        read(&fs::read_to_string(file)?, name, best_known).with_context(|| file.display().to_string())
    };
    files.iter().map(read).collect()
}

fn best_known(folder: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(folder.parent()?.join("BKS.json")).ok()?).ok()
}

fn read(text: &str, name: String, best_known: Option<f64>) -> Result<Instance> {
    let numbers = |line: &str| line.split_whitespace().map(str::parse).collect::<Result<Vec<u32>, _>>().ok();
    let rows: Vec<Vec<u32>> = text.lines().filter_map(numbers).filter(|row| !row.is_empty()).collect();
    let (head, customers) = rows.split_first().context("no numbers")?;
    ensure!(head.len() == 2, "vehicles and their capacity");
    ensure!(customers.len() > 1 && customers.iter().all(|row| row.len() == 7), "customers of seven numbers");
    let column = |index: usize, scale: u32| customers.iter().map(|row| row[index] * scale).collect();
    let way = |from: &[u32], to: &[u32]| {
        let (x, y) = (f64::from(from[1].abs_diff(to[1])), f64::from(from[2].abs_diff(to[2])));
        (x.hypot(y) * f64::from(SCALE)).round() as u32
    };
    Ok(Instance {
        name,
        best_known,
        vehicles: head[0],
        capacity: head[1],
        demand: column(3, 1),
        opens: column(4, SCALE),
        closes: column(5, SCALE),
        service: column(6, SCALE),
        matrix: customers.iter().map(|from| customers.iter().map(|to| way(from, to)).collect()).collect(),
    })
}

impl Instance {
    /// As a day: a hundredth is a second.
    pub fn problem(&self) -> Result<DayProblem> {
        let worker = |number: u32| Worker {
            id: ResourceId(Uuid::from_u128(number.into())),
            travels: 0,
            starts_at: PlaceNo(0),
            starts: time(self.opens[0]),
            ends_at: Some(PlaceNo(0)),
            ends: time(self.closes[0]),
            breaks: Vec::new(),
            skills: Vec::new(),
            capacity: vec![self.capacity],
            fixed: Vec::new(),
        };
        let job = |index: usize| Job {
            id: TaskId(Uuid::from_u128(index as u128)),
            place: PlaceNo(index as u32),
            service_secs: self.service[index],
            windows: vec![Window { from: time(self.opens[index]), to: time(self.closes[index]) }],
            in_time_only: true,
            skills: Vec::new(),
            demand: vec![self.demand[index]],
            priority: Priority::Normal,
            assigned_to: None,
            locked: false,
            not_by: Vec::new(),
            promised: None,
        };
        let legs = self.matrix.iter().flatten().map(|&length| Some(Leg { secs: length, metres: length }));
        Ok(DayProblem {
            workers: (0..self.vehicles).map(worker).collect(),
            jobs: (1..self.demand.len()).map(job).collect(),
            matrices: vec![Matrix::new(self.demand.len(), legs.collect())?],
            start: time(0),
        })
    }

    /// The distance of routes, if they keep the rules.
    pub fn check(&self, routes: &[Vec<usize>]) -> Result<f64> {
        let mut visits = vec![0; self.demand.len()];
        let mut total = 0;
        for route in routes.iter().filter(|route| !route.is_empty()) {
            let (mut at, mut now, mut load) = (0, self.opens[0], 0);
            for &customer in route {
                ensure!((1..self.demand.len()).contains(&customer), "customer {customer} does not exist");
                let way = self.matrix[at][customer];
                now = (now + way).max(self.opens[customer]);
                ensure!(now <= self.closes[customer], "late at {customer}");
                now += self.service[customer];
                load += self.demand[customer];
                total += u64::from(way);
                visits[customer] += 1;
                at = customer;
            }
            let way = self.matrix[at][0];
            total += u64::from(way);
            ensure!(now + way <= self.closes[0], "late at the depot");
            ensure!(load <= self.capacity, "{load} loaded");
        }
        let used = routes.iter().filter(|route| !route.is_empty()).count();
        ensure!(used <= self.vehicles as usize, "{used} vehicles");
        ensure!(visits[1..].iter().all(|count| *count == 1), "each customer once");
        Ok(total as f64 / f64::from(SCALE))
    }
}

fn time(hundredths: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(hundredths.into())
}
