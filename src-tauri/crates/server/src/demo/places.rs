//! Forty places of Monaco, some with a fence.

use domain::place::{Fence, FenceColor, FenceShape, PoiKind, PolygonArea};

use super::at;

/// What is watched around a place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Watch {
    /// Nothing.
    No,
    /// A circle of so many metres; alerts on entering.
    Enter(f64),
    /// A circle; alerts on entering and leaving.
    EnterExit(f64),
    /// A circle; alerts when somebody stays for so many minutes.
    Dwell(f64, u32),
    /// A polygon; alerts on entering and leaving.
    Area(&'static [(f64, f64)]),
}

/// Name, kind, longitude, latitude, address, watch.
pub(super) type Place = (&'static str, PoiKind, f64, f64, &'static str, Watch);

const PORT: &[(f64, f64)] = &[
    (7.4206, 43.7352),
    (7.4222, 43.7364),
    (7.4262, 43.7372),
    (7.4281, 43.7362),
    (7.4268, 43.7330),
    (7.4232, 43.7331),
];
const HELIPORT: &[(f64, f64)] = &[(7.4160, 43.7257), (7.4200, 43.7272), (7.4212, 43.7262), (7.4172, 43.7243)];
const BEACH: &[(f64, f64)] =
    &[(7.4325, 43.7447), (7.4345, 43.7465), (7.4382, 43.7482), (7.4391, 43.7470), (7.4342, 43.7438)];
const CASINO: &[(f64, f64)] = &[(7.4264, 43.7398), (7.4288, 43.7403), (7.4297, 43.7388), (7.4272, 43.7381)];
const ROCK: &[(f64, f64)] = &[
    (7.4187, 43.7318),
    (7.4210, 43.7324),
    (7.4264, 43.7318),
    (7.4268, 43.7303),
    (7.4217, 43.7297),
    (7.4192, 43.7306),
];

/// The places.
pub(super) const PLACES: [Place; 40] = [
    (
        "Riviera Facilities depot",
        PoiKind::DistributionCenter,
        7.4146,
        43.7281,
        "Rue du Gabian",
        Watch::EnterExit(90.0),
    ),
    ("Port Hercule", PoiKind::Polygon, 7.4247, 43.7350, "Quai Antoine Ier", Watch::Area(PORT)),
    ("Casino de Monte-Carlo", PoiKind::Customer, 7.4283, 43.7392, "Place du Casino", Watch::Area(CASINO)),
    ("Gare de Monaco", PoiKind::Point, 7.4194, 43.7385, "Place Sainte-Dévote", Watch::Enter(90.0)),
    ("Heliport Fontvieille", PoiKind::Polygon, 7.4190, 43.7259, "Avenue des Ligures", Watch::Area(HELIPORT)),
    (
        "Centre Hospitalier Princesse Grace",
        PoiKind::Customer,
        7.4137,
        43.7300,
        "Avenue Pasteur",
        Watch::Dwell(140.0, 30),
    ),
    ("Larvotto beach", PoiKind::Polygon, 7.4357, 43.7462, "Avenue Princesse Grace", Watch::Area(BEACH)),
    ("Monaco-Ville (The Rock)", PoiKind::Polygon, 7.4228, 43.7310, "Place du Palais", Watch::Area(ROCK)),
    (
        "Grimaldi Forum",
        PoiKind::Customer,
        7.4319,
        43.7441,
        "10 Avenue Princesse Grace",
        Watch::EnterExit(110.0),
    ),
    ("Stade Louis II", PoiKind::Customer, 7.4157, 43.7276, "7 Avenue des Castelans", Watch::Enter(130.0)),
    ("Palais Princier", PoiKind::Point, 7.4202, 43.7314, "Place du Palais", Watch::No),
    ("Cathédrale", PoiKind::Point, 7.4226, 43.7304, "4 Rue Colonel Bellando de Castro", Watch::No),
    ("Musée océanographique", PoiKind::Customer, 7.4254, 43.7308, "Avenue Saint-Martin", Watch::No),
    ("Jardin Exotique", PoiKind::Customer, 7.4133, 43.7319, "62 Boulevard du Jardin Exotique", Watch::No),
    (
        "Marché de la Condamine",
        PoiKind::Customer,
        7.4203,
        43.7338,
        "15 Place d'Armes",
        Watch::Dwell(60.0, 20),
    ),
    ("Hôtel de Paris", PoiKind::Customer, 7.4269, 43.7390, "Place du Casino", Watch::No),
    ("Hôtel Hermitage", PoiKind::Customer, 7.4259, 43.7379, "Square Beaumarchais", Watch::No),
    ("Café de Paris", PoiKind::Customer, 7.4276, 43.7398, "Place du Casino", Watch::No),
    ("Fairmont", PoiKind::Customer, 7.4302, 43.7403, "12 Avenue des Spélugues", Watch::Enter(70.0)),
    ("Métropole Shopping", PoiKind::Customer, 7.4281, 43.7404, "17 Avenue des Spélugues", Watch::No),
    ("Port de Fontvieille", PoiKind::Point, 7.4203, 43.7289, "Quai Jean-Charles Rey", Watch::Enter(120.0)),
    (
        "Centre commercial de Fontvieille",
        PoiKind::Customer,
        7.4163,
        43.7293,
        "29 Avenue Albert II",
        Watch::No,
    ),
    (
        "Monte-Carlo Bay",
        PoiKind::Customer,
        7.4396,
        43.7504,
        "40 Avenue Princesse Grace",
        Watch::EnterExit(120.0),
    ),
    ("Monte-Carlo Country Club", PoiKind::Customer, 7.4425, 43.7524, "155 Avenue Princesse Grace", Watch::No),
    ("Sporting d'Été", PoiKind::Customer, 7.4383, 43.7488, "26 Avenue Princesse Grace", Watch::No),
    ("Tour Odéon", PoiKind::Customer, 7.4313, 43.7474, "36 Avenue de l'Annonciade", Watch::Enter(60.0)),
    ("Lycée Albert Ier", PoiKind::Customer, 7.4217, 43.7326, "Place de la Visitation", Watch::No),
    ("Mairie de Monaco", PoiKind::Customer, 7.4242, 43.7312, "Place de la Mairie", Watch::No),
    ("Ministère d'État", PoiKind::Customer, 7.4257, 43.7313, "Place de la Visitation", Watch::No),
    ("Auditorium Rainier III", PoiKind::Customer, 7.4298, 43.7396, "Boulevard Louis II", Watch::No),
    ("Yacht Club", PoiKind::Customer, 7.4279, 43.7369, "Quai Louis II", Watch::Dwell(80.0, 45)),
    ("Stade nautique Rainier III", PoiKind::Customer, 7.4215, 43.7347, "Quai Albert Ier", Watch::No),
    ("Sainte-Dévote", PoiKind::Point, 7.4209, 43.7373, "Place Sainte-Dévote", Watch::No),
    ("Villa Sauber", PoiKind::Customer, 7.4327, 43.7451, "17 Avenue Princesse Grace", Watch::No),
    ("Jardin Japonais", PoiKind::Point, 7.4303, 43.7425, "Avenue Princesse Grace", Watch::No),
    ("Marché Saint-Charles", PoiKind::Customer, 7.4272, 43.7424, "7 Avenue Saint-Charles", Watch::No),
    ("Mairie de Beausoleil", PoiKind::Customer, 7.4242, 43.7425, "27 Boulevard de la République", Watch::No),
    ("Gare de Cap-d'Ail", PoiKind::Point, 7.4032, 43.7236, "Avenue de la Gare", Watch::No),
    ("Parking des Pêcheurs", PoiKind::Point, 7.4262, 43.7322, "Quai Antoine Ier", Watch::Dwell(70.0, 60)),
    (
        "Fontvieille service area",
        PoiKind::DistributionArea,
        7.4165,
        43.7282,
        "Avenue Albert II",
        Watch::Enter(260.0),
    ),
];

impl Watch {
    /// The fence at a place; `None` where nothing is watched.
    pub(super) fn fence(self, kind: PoiKind, (lon, lat): (f64, f64)) -> Option<Fence> {
        let circle = |radius_m| FenceShape::Circle { center: at(lon, lat), radius_m };
        let (shape, on_enter, on_exit, dwell_secs) = match self {
            Watch::No => return None,
            Watch::Enter(radius_m) => (circle(radius_m), true, false, None),
            Watch::EnterExit(radius_m) => (circle(radius_m), true, true, None),
            Watch::Dwell(radius_m, minutes) => (circle(radius_m), false, false, Some(minutes * 60)),
            Watch::Area(ring) => {
                let outer = ring.iter().map(|&(lon, lat)| at(lon, lat)).collect();
                (FenceShape::Polygon { area: PolygonArea { outer, holes: Vec::new() } }, true, true, None)
            }
        };
        Some(Fence { on_enter, on_exit, dwell_secs, color: color(kind), ..Fence::new(shape) })
    }
}

/// One colour for each kind of place, so that the map can be read.
fn color(kind: PoiKind) -> FenceColor {
    match kind {
        PoiKind::Point => FenceColor::Blue,
        PoiKind::Customer => FenceColor::Teal,
        PoiKind::Polygon => FenceColor::Violet,
        PoiKind::DistributionCenter => FenceColor::Green,
        PoiKind::DistributionArea => FenceColor::Amber,
    }
}
