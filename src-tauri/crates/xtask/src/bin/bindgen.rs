//! Turns the compiled UI module into what a web view loads: `web.js` and `web_bg.wasm`.
//!
//! Use: `xtask-bindgen MODULE.wasm OUT_DIR`. A program of its own so that `xtask` starts without its dependencies.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut args = env::args_os().skip(1).map(PathBuf::from);
    let module = args.next().context("first argument: the compiled module")?;
    let out_dir = args.next().context("second argument: the folder to write to")?;
    Bindgen::new()
        .input_path(&module)
        .web(true)?
        .typescript(false)
        // The module lies beside its script: the page need not name it.
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(&out_dir)
        .with_context(|| format!("binding {}", module.display()))
}
