//! A dispatcher's day through the eyes of the watcher.

mod devices;
mod edits;
mod explaining;
mod moving;
mod office;
mod order;
mod work;
