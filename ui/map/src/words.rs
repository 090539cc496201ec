//! The few texts inside the map; the host fills them from its message catalogue.

/// Texts inside the map. `{n}` stands for a number that the map fills in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is named after the text it holds; the default shows it")]
pub struct Words {
    pub zoom_in: String,
    pub zoom_out: String,
    pub fit_all: String,
    pub follow: String,
    pub stop_following: String,
    pub no_base_map: String,
    pub loading: String,
    pub pick_place: String,
    pub map_label: String,
    pub location_off: String,
    pub seconds_ago: String,
    pub minutes_ago: String,
    pub hours_ago: String,
    pub metres: String,
    pub kilometres: String,
    pub unassigned: String,
    pub unsent: String,
    pub needs_decision: String,
    pub inside: String,
    pub square_metres: String,
    pub hectares: String,
    pub square_kilometres: String,
    pub draw_circle: String,
    pub draw_radius: String,
    pub draw_first: String,
    pub draw_ring: String,
    pub draw_hole: String,
    pub draw_line: String,
    pub adjust: String,
}

impl Default for Words {
    fn default() -> Self {
        let own = str::to_owned;
        Self {
            zoom_in: own("Zoom in (+)"),
            zoom_out: own("Zoom out (−)"),
            fit_all: own("Show everything (0)"),
            follow: own("Follow the selection (F)"),
            stop_following: own("Stop following (F)"),
            no_base_map: own("No base map for this area"),
            loading: own("Loading the map …"),
            pick_place: own("Click the place on the map · Esc to cancel"),
            map_label: own("Map. Arrow keys move, plus and minus zoom, 0 shows everything, F follows."),
            location_off: own("Location switched off"),
            seconds_ago: own("{n} s ago"),
            minutes_ago: own("{n} min ago"),
            hours_ago: own("{n} h ago"),
            metres: own("{n} m"),
            kilometres: own("{n} km"),
            unassigned: own("Unassigned"),
            unsent: own("waiting to be sent"),
            needs_decision: own("needs your decision"),
            inside: own("{n} inside"),
            square_metres: own("{n} m²"),
            hectares: own("{n} ha"),
            square_kilometres: own("{n} km²"),
            draw_circle: own("Press in the middle and drag, or click the middle and the edge"),
            draw_radius: own("Click where the edge is · Esc starts again"),
            draw_first: own("Click the first point"),
            draw_ring: own(
                "Click the corners · Enter or the first corner closes · Backspace takes one back · Esc drops it",
            ),
            draw_hole: own("Click the corners of the hole, inside an area"),
            draw_line: own(
                "Click along the line · Enter or a double click ends it · Backspace takes one back",
            ),
            adjust: own("Drag the handles · secondary click removes a corner · Alt does not snap"),
        }
    }
}

impl Words {
    /// How long ago something was, coarse: seconds, minutes or hours.
    pub(crate) fn age(&self, age_secs: i64) -> String {
        let (template, n) = match age_secs.max(0) {
            secs @ 0..120 => (&self.seconds_ago, secs),
            secs @ 120..7_200 => (&self.minutes_ago, secs / 60),
            secs => (&self.hours_ago, secs / 3_600),
        };
        template.replace("{n}", &n.to_string())
    }

    /// A distance for the scale bar; `metres` is a round number.
    pub(crate) fn distance(&self, metres: f64) -> String {
        if metres >= 1_000.0 {
            self.kilometres.replace("{n}", &format!("{}", metres / 1_000.0))
        } else {
            self.metres.replace("{n}", &format!("{metres}"))
        }
    }
}

impl Words {
    /// How many people are inside.
    pub(crate) fn inside(&self, people: usize) -> String {
        self.inside.replace("{n}", &people.to_string())
    }

    /// A measured length: whole metres, from ten kilometres on with one decimal.
    pub(crate) fn length(&self, metres: f64) -> String {
        if metres < 10_000.0 {
            self.metres.replace("{n}", &format!("{metres:.0}"))
        } else {
            self.kilometres.replace("{n}", &format!("{:.1}", metres / 1_000.0))
        }
    }

    /// A measured area.
    pub(crate) fn area(&self, area_m2: f64) -> String {
        let (template, n) = match area_m2 {
            small if small < 10_000.0 => (&self.square_metres, format!("{small:.0}")),
            middle if middle < 1e6 => (&self.hectares, format!("{:.1}", middle / 10_000.0)),
            large => (&self.square_kilometres, format!("{:.1}", large / 1e6)),
        };
        template.replace("{n}", &n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_distances_read_like_speech() {
        let words = Words::default();
        assert_eq!(words.age(-3), "0 s ago", "a clock that is a little ahead is no age at all");
        assert_eq!(words.age(119), "119 s ago", "under two minutes in seconds");
        assert_eq!(words.age(600), "10 min ago", "minutes");
        assert_eq!(words.age(3 * 3_600 + 59), "3 h ago", "hours");
        assert_eq!(words.distance(200.0), "200 m", "metres below a kilometre");
        assert_eq!(words.length(1_234.4), "1234 m", "a measured length to the metre");
        assert_eq!(words.area(812.2), "812 m²", "a yard");
        assert_eq!(words.area(25_000.0), "2.5 ha", "a field");
        assert_eq!(words.area(3.24e6), "3.2 km²", "a town");
        assert_eq!(words.distance(5_000.0), "5 km", "kilometres without a fraction");
    }
}
