//! Stories in the real window: the built desk, its web view, a screen and a session bus.

use std::time::Duration;

use tests::desktop::{Keyring, Launch, Window};

/// Opening includes starting the web view's processes on a busy machine without a graphics card.
const OPENS_WITHIN: Duration = Duration::from_secs(90);

#[tokio::test]
#[ignore = "in the real window: cargo xtask test"]
async fn the_window_opens_and_shows_the_desk() {
    let _keys = Keyring::start().await.expect("a key store, as on a dispatcher's machine");
    let window = Window::open(&Launch::demo()).await.expect("the desk opens");
    let title = window.wait_title("OfficeTrack", OPENS_WITHIN).await.expect("the page names the product");
    assert!(title.contains("OfficeTrack"), "the title is the product's: {title}");
    window.wait_for("body *", OPENS_WITHIN).await.expect("the interface has drawn something");
    let picture = window.screenshot("opens").await.expect("a picture of the window");
    let bytes = std::fs::metadata(&picture).expect("the picture is there").len();
    assert!(
        bytes > 2_000,
        "a window with content, not an empty frame: {bytes} bytes in {}",
        picture.display()
    );
    window.close().await.expect("the window closes");
}
