//! The edges of a ring by latitude: what a ray to the east may cross is found at once.

/// So many entries per edge are kept at most, so that a comb of long teeth does not fill the memory.
const MOST_PER_EDGE: f64 = 4.0;
/// Strips with more edges than this on average are no help.
const MOST_PER_STRIP: usize = 32;

/// Strips of equal height from the south to the north of a ring, each with the edges that reach into it.
#[derive(Debug, Clone)]
pub(crate) struct Strips {
    south: f64,
    north: f64,
    per_deg: f64,
    /// Where the edges of each strip begin; they end where those of the next one begin.
    starts: Vec<u32>,
    edges: Vec<u32>,
}

impl Strips {
    /// Of a closed ring; `None` if most strips would have a lot of edges.
    pub fn new(ring: &[[f64; 2]]) -> Option<Self> {
        let lats = || ring.iter().map(|point| point[1]);
        let (south, north) = (lats().fold(f64::INFINITY, f64::min), lats().fold(f64::NEG_INFINITY, f64::max));
        let edges = ring.len().saturating_sub(1);
        let reach: f64 = ring.windows(2).map(|edge| (edge[1][1] - edge[0][1]).abs()).sum();
        let most = (MOST_PER_EDGE - 1.0) * edges as f64 * (north - south) / reach;
        let count = (edges.min(most as usize)).max(1);
        let per_deg = count as f64 / (north - south);
        if !per_deg.is_finite() || count * MOST_PER_STRIP < edges {
            return None;
        }
        let mut strips = Self { south, north, per_deg, starts: vec![0; count + 1], edges: Vec::new() };
        strips.fill(ring);
        Some(strips)
    }

    fn fill(&mut self, ring: &[[f64; 2]]) {
        let spans: Vec<_> = ring.windows(2).map(|edge| self.span(edge[0][1], edge[1][1])).collect();
        spans.iter().cloned().flatten().for_each(|strip| self.starts[strip] += 1);
        let mut total = 0;
        for start in &mut self.starts {
            total += std::mem::replace(start, total);
        }
        let mut ends = self.starts.clone();
        self.edges = vec![0; total as usize];
        for (edge, span) in (0..).zip(spans) {
            for strip in span {
                self.edges[ends[strip] as usize] = edge;
                ends[strip] += 1;
            }
        }
    }

    /// The edges that reach the latitude, by the numbers of their first points.
    pub fn at(&self, lat: f64) -> &[u32] {
        if lat < self.south || lat > self.north {
            return &[];
        }
        let strip = self.strip(lat);
        &self.edges[self.starts[strip] as usize..self.starts[strip + 1] as usize]
    }

    fn span(&self, a: f64, b: f64) -> std::ops::RangeInclusive<usize> {
        self.strip(a.min(b))..=self.strip(a.max(b))
    }

    /// Never decreases with the latitude, however it is rounded.
    fn strip(&self, lat: f64) -> usize {
        (((lat - self.south) * self.per_deg) as usize).min(self.starts.len() - 2)
    }
}
