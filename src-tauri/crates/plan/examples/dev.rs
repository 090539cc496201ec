//! x
use plan::*; use chrono::*; use domain::*;
fn main(){
 let secs: f64 = std::env::args().nth(1).unwrap().parse().unwrap();
 let seed: u64 = std::env::args().nth(2).unwrap().parse().unwrap();
 let mut tot=0.0;
 for f in std::env::args().skip(3) {
  let it: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&f).unwrap()).unwrap();
  let v=|k:&str|->Vec<i64>{it[k].as_array().unwrap().iter().map(|x|x.as_i64().unwrap()).collect()};
  let n=v("demand").len();
  let S=10; // /10
  let m:Vec<Vec<i64>>=it["matrix"].as_array().unwrap().iter().map(|r|r.as_array().unwrap().iter().map(|x|(x.as_i64().unwrap()+S/2)/S).collect()).collect();
  let legs=m.iter().flatten().map(|x|Some(Leg{secs:*x as u32,metres:*x as u32})).collect();
  let start: DateTime<Utc> = DateTime::UNIX_EPOCH;
  let t=|x:i64| start+TimeDelta::seconds(x/S);
  let (o,c,s,d)=(v("opens"),v("closes"),v("service"),v("demand"));
  let p=DayProblem{start,matrix:Matrix::new(n,legs).unwrap(),
   workers:(0..it["vehicles"].as_u64().unwrap()).map(|i|Worker{id:ResourceId(uuid::Uuid::from_u128(i as u128)),starts_at:PlaceNo(0),starts:t(o[0]),ends_at:Some(PlaceNo(0)),ends:t(c[0]),breaks:vec![],skills:vec![],capacity:vec![it["capacity"].as_u64().unwrap() as u32],fixed:vec![]}).collect(),
   jobs:(1..n).map(|i|Job{id:TaskId(uuid::Uuid::from_u128(i as u128)),place:PlaceNo(i as u32),service_secs:(s[i]/S) as u32,windows:vec![Window{from:t(o[i]),to:t(c[i])}],in_time_only:true,skills:vec![],demand:vec![d[i] as u32],priority:domain::task::Priority::Normal,assigned_to:None,locked:false,promised:None}).collect()};
  p.check().unwrap();
  #[allow(clippy::disallowed_methods)]
  let cpu=||{let t=rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime); t.tv_sec as f64+t.tv_nsec as f64*1e-9}; let b=cpu();
  let share=||(cpu()-b)/secs;
  let mut rounds=0; let mut un=0;
  let pl=plan::plan(&p,&Options{seed,budget:Budget::Share(&share),weights:Weights::default(),present:None},&mut |p|{rounds=p.rounds;un=p.unassigned;std::ops::ControlFlow::Continue(())}).unwrap(); assert!(pl.routes.iter().all(|r| r.faults.is_empty()));
  let mut dist=0; let mut used=0;
  for x in &pl.routes { if x.stops.is_empty(){continue} used+=1; dist+=x.metres; }
  println!("{f} {:.2} routes {used} un {un} rounds {rounds} in {:?}", dist as f64/100.0, cpu()-b); tot+=dist as f64/100.0;
 }
 println!("total {tot:.2}");
}
