//! Ways packed into tables: few questions, but no table of which next to nothing is wanted.

use eta::Place;

/// A table of which only some cells are wanted.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub from: Vec<Place>,
    pub to: Vec<Place>,
    /// (which way, its row, its column).
    pub wanted: Vec<(usize, usize, usize)>,
}

/// What one table may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most places on each side.
    pub side: usize,
    /// Most cells.
    pub cells: usize,
}

/// Tables that hold these numbered ways, as they come: ways that follow each other and share places are best in one.
pub(crate) fn packed(ways: impl Iterator<Item = (usize, (Place, Place))>, limits: Limits) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    for (way, ends) in ways {
        let open = tables.last_mut().filter(|table| table.has_room(ends, limits));
        match open {
            Some(table) => table.add(way, ends),
            None => {
                let mut table = Table::default();
                table.add(way, ends);
                tables.push(table);
            }
        }
    }
    tables
}

impl Table {
    fn has_room(&self, (from, to): (Place, Place), limits: Limits) -> bool {
        let rows = self.from.len() + usize::from(!self.from.contains(&from));
        let columns = self.to.len() + usize::from(!self.to.contains(&to));
        rows <= limits.side && columns <= limits.side && rows * columns <= limits.cells
    }

    fn add(&mut self, way: usize, (from, to): (Place, Place)) {
        self.wanted.push((way, number(&mut self.from, from), number(&mut self.to, to)));
    }
}

/// Where in the list a place is; at its end if it was not in it.
fn number(places: &mut Vec<Place>, place: Place) -> usize {
    places.iter().position(|known| *known == place).unwrap_or_else(|| {
        places.push(place);
        places.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::LonLat;

    const LIMITS: Limits = Limits { side: 8, cells: 16 };

    fn place(n: usize) -> Place {
        LonLat::new(7.0 + n as f64 / 1_000.0, 43.7).expect("a coordinate").into()
    }

    fn tables(ways: &[(usize, usize)]) -> Vec<Table> {
        packed(ways.iter().map(|(from, to)| (place(*from), place(*to))).enumerate(), LIMITS)
    }

    #[test]
    fn every_way_has_its_cell_and_no_table_is_too_large() {
        let many: Vec<_> = (0..100).map(|n| (n % 13, 50 + n % 17)).collect();
        let tables = tables(&many);
        let mut seen = Vec::new();
        for Table { from, to, wanted } in &tables {
            assert!(from.len() <= 8 && to.len() <= 8, "no side is too long");
            assert!(from.len() * to.len() <= 16, "{} × {} is too much", from.len(), to.len());
            for (way, row, column) in wanted {
                let (start, end) = many[*way];
                assert_eq!((from[*row], to[*column]), (place(start), place(end)), "way {way}");
                seen.push(*way);
            }
        }
        assert_eq!(seen, (0..100).collect::<Vec<_>>(), "each once, in their order");
    }

    #[test]
    fn ways_that_share_an_end_share_a_table() {
        let sizes = |ways: &[(usize, usize)]| -> Vec<(usize, usize)> {
            tables(ways).iter().map(|table| (table.from.len(), table.to.len())).collect()
        };
        let to_one: Vec<_> = (1..=8).map(|n| (n, 0)).collect();
        assert_eq!(sizes(&to_one), [(8, 1)], "many to one");
        let apart: Vec<_> = (0..8).map(|n| (n, 100 + n)).collect();
        assert_eq!(sizes(&apart), [(4, 4), (4, 4)], "what shares nothing fills a square");
        assert_eq!(sizes(&[(0, 1), (1, 2), (2, 3), (0, 1)]), [(3, 3)], "a chain, one way of it twice");
        assert!(sizes(&[]).is_empty(), "nothing is asked about nothing");
    }

    #[test]
    fn who_drives_the_other_way_is_somewhere_else() {
        let turned = Place::heading(place(0).at, 180.0);
        let ways = [(place(0), place(1)), (turned, place(1))];
        let tables = packed(ways.into_iter().enumerate(), LIMITS);
        assert_eq!(tables[0].from.len(), 2, "the heading decides which way round a block is");
    }
}
