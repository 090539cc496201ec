//! A dispatcher at the map: gestures, keys and frames of positions against the real widget, without a window.

mod acting;
mod comparing;
mod desk;
mod drawing;
mod fixing;
mod looking;
