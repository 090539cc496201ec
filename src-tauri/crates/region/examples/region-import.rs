//! Makes a region pack: `cargo run -p region --example region-import -- X.osm.pbf Y.mbtiles NAME ROOT`.
//!
//! The demo region's files come from here, out of the extract beside them and tilemaker's base map. Given the bundled
//! `base.mbtiles`, which has its sea, that is only copied.

use region::{Import, Progress};
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "an example has no clock but the system's")]
#[expect(clippy::print_stdout, reason = "an example talks to the terminal")]
fn main() -> anyhow::Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [osm, tiles, name, root] = &args[..] else {
        anyhow::bail!("usage: region-import X.osm.pbf Y.mbtiles|Y.pmtiles NAME ROOT");
    };
    let import = Import {
        osm: Path::new(osm),
        tiles: Path::new(tiles),
        name,
        out_root: Path::new(root),
        replace: true,
    };
    let mut told = None;
    let region = import.run(std::time::SystemTime::now().into(), &mut |Progress { step, fraction }| {
        if told != Some(step) {
            told = Some(step);
            println!("{:3.0} % {step}", fraction * 100.0);
        }
    })?;
    println!("{}: {:?}", region.dir().display(), region.tiles()?.info());
    Ok(())
}
