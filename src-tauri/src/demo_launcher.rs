//! The embedded demo, where this build has it.

use std::path::PathBuf;
use std::sync::Arc;

use desk::DemoLauncher;

/// The launcher of server and fleet on loopback.
#[cfg(feature = "demo")]
pub fn launcher(region_roots: &[PathBuf]) -> Option<Arc<dyn DemoLauncher>> {
    Some(Arc::new(demo::Launcher::new(region_roots.to_vec())))
}

/// This build has no demo.
#[cfg(not(feature = "demo"))]
pub fn launcher(_region_roots: &[PathBuf]) -> Option<Arc<dyn DemoLauncher>> {
    None
}
