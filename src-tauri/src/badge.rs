//! The tray's icon with a badge: a dot that says at a glance whether there is something to look at.

use desk::DeskStatus;

/// What the tray's icon says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Badge {
    /// All is well.
    None,
    /// Something is new.
    New,
    /// Something critical is new.
    Critical,
    /// The server is not reached: what is new is not known.
    Offline,
}

/// The dot's middle and radius, as shares of the icon's width: the corner below on the right.
const MIDDLE: f64 = 0.72;
const RADIUS: f64 = 0.26;
/// The ring around it, so that it stands out from the icon.
const RING: f64 = 0.06;

const AMBER: [u8; 3] = [0xf5, 0x9e, 0x0b];
const RED: [u8; 3] = [0xdc, 0x26, 0x26];
const GREY: [u8; 3] = [0x6b, 0x72, 0x80];

impl Badge {
    /// The most pressing that there is to say.
    pub fn of(status: DeskStatus) -> Self {
        match status {
            DeskStatus { critical: 1.., .. } => Badge::Critical,
            DeskStatus { is_offline: true, .. } => Badge::Offline,
            DeskStatus { unseen: 1.., .. } => Badge::New,
            DeskStatus { .. } => Badge::None,
        }
    }

    /// The icon (RGBA, `width` pixels a row) with the dot on it; without a server it is grey.
    pub fn draw(self, icon: &[u8], width: u32) -> Vec<u8> {
        let mut drawn = icon.to_vec();
        let color = match self {
            Badge::None => return drawn,
            Badge::New => AMBER,
            Badge::Critical => RED,
            Badge::Offline => GREY,
        };
        let size = f64::from(width);
        for (at, pixel) in drawn.chunks_exact_mut(4).enumerate() {
            let (x, y) = (at as u32 % width, at as u32 / width);
            let off = (f64::from(x) + 0.5 - MIDDLE * size).hypot(f64::from(y) + 0.5 - MIDDLE * size);
            if off <= RADIUS * size {
                pixel.copy_from_slice(&[color[0], color[1], color[2], 0xff]);
            } else if off <= (RADIUS + RING) * size {
                pixel.fill(0);
            } else if self == Badge::Offline {
                let brightness = grey(pixel);
                pixel[..3].fill(brightness);
            }
        }
        drawn
    }
}

/// A pixel's brightness, as eyes weigh the colours.
fn grey(pixel: &[u8]) -> u8 {
    let weighed = |at: usize, weight: u32| u32::from(pixel[at]) * weight;
    ((weighed(0, 299) + weighed(1, 587) + weighed(2, 114)) / 1_000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 32;

    fn pixel(drawn: &[u8], x: u32, y: u32) -> [u8; 4] {
        let at = ((y * WIDTH + x) * 4) as usize;
        [drawn[at], drawn[at + 1], drawn[at + 2], drawn[at + 3]]
    }

    #[test]
    fn a_dot_says_what_is_new_and_grey_that_nobody_knows() {
        let icon = [0x00, 0x80, 0xff, 0xff].repeat((WIDTH * WIDTH) as usize);
        let status = |unseen, critical, is_offline| DeskStatus { unseen, critical, is_offline };
        assert_eq!(Badge::of(status(0, 0, false)).draw(&icon, WIDTH), icon, "all is well: as it is");
        let new = Badge::of(status(3, 0, false)).draw(&icon, WIDTH);
        assert_eq!(pixel(&new, 23, 23), [0xf5, 0x9e, 0x0b, 0xff], "amber in the corner");
        assert_eq!(pixel(&new, 2, 2), [0x00, 0x80, 0xff, 0xff], "the rest is the icon");
        assert_eq!(pixel(&new, 13, 23), [0; 4], "with a gap around the dot");
        let critical = Badge::of(status(3, 1, true)).draw(&icon, WIDTH);
        assert_eq!(
            pixel(&critical, 23, 23),
            [0xdc, 0x26, 0x26, 0xff],
            "what is known to be critical comes first"
        );
        let offline = Badge::of(status(3, 0, true)).draw(&icon, WIDTH);
        let [red, green, blue, _] = pixel(&offline, 2, 2);
        assert!(red == green && green == blue, "no colour without a server");
    }
}
