//! Names, streets and jobs of the demo company. People and customers are invented.

/// Groups, each with the skills (indices into [`SKILLS`]) that its people may have and the jobs (indices into [`JOBS`]) that they do.
pub(super) const GROUPS: [(&str, &[usize], &[usize]); 6] = [
    ("Lifts", &[0, 5], &[0, 1]),
    ("Climate", &[1, 5], &[2, 3]),
    ("Electrical", &[2, 6], &[4, 5]),
    ("Plumbing", &[3], &[6, 7]),
    ("Buildings", &[4, 7], &[8, 9]),
    ("Fire safety", &[6, 4], &[10, 11]),
];

/// Skills.
pub(super) const SKILLS: [&str; 8] = [
    "Lift technician",
    "Refrigeration",
    "High voltage",
    "Plumbing",
    "Locksmith",
    "Rope access",
    "Fire systems",
    "Glass and façades",
];

/// A job: type of task, minutes, skill needed, titles, what the customer said.
pub(super) struct Job {
    pub kind: &'static str,
    pub minutes: u32,
    pub skill: usize,
    pub titles: [&'static str; 4],
}

/// How much of a van each job takes, in crates of parts and tools.
pub(super) const LOADS: [u32; 12] = [2, 3, 4, 3, 1, 2, 3, 4, 2, 3, 2, 2];

/// What the company does.
pub(super) const JOBS: [Job; 12] = [
    Job {
        kind: "Lift breakdown",
        minutes: 60,
        skill: 0,
        titles: [
            "Lift stuck on 4th floor",
            "Car doors will not close",
            "Lift stops between floors",
            "Person locked in goods lift",
        ],
    },
    Job {
        kind: "Lift service",
        minutes: 90,
        skill: 0,
        titles: [
            "Quarterly lift service",
            "Replace car lighting",
            "Check overspeed governor",
            "Escalator inspection",
        ],
    },
    Job {
        kind: "Cooling fault",
        minutes: 60,
        skill: 1,
        titles: [
            "Server room too warm",
            "Cold store alarm",
            "Air conditioning leaks water",
            "No cooling in the ballroom",
        ],
    },
    Job {
        kind: "Climate service",
        minutes: 45,
        skill: 1,
        titles: [
            "Filter change, roof units",
            "Refill refrigerant",
            "Balance air flow, 2nd floor",
            "Clean condensate drains",
        ],
    },
    Job {
        kind: "Electrical fault",
        minutes: 45,
        skill: 2,
        titles: [
            "Power out in the kitchen",
            "Main breaker trips",
            "Emergency lighting dead",
            "Charging post not working",
        ],
    },
    Job {
        kind: "Electrical check",
        minutes: 90,
        skill: 2,
        titles: [
            "Thermography of switchboard",
            "Test the emergency generator",
            "Replace meters, staircase B",
            "Check earthing of pontoon",
        ],
    },
    Job {
        kind: "Leak",
        minutes: 45,
        skill: 3,
        titles: [
            "Water through the ceiling",
            "Burst pipe in the garage",
            "Leak under the bar sink",
            "Blocked drain, loading bay",
        ],
    },
    Job {
        kind: "Plumbing work",
        minutes: 75,
        skill: 3,
        titles: [
            "Replace boiler valve",
            "Descale hot water tank",
            "Fit new taps, 12 rooms",
            "Pressure test, pool circuit",
        ],
    },
    Job {
        kind: "Door and lock",
        minutes: 30,
        skill: 4,
        titles: [
            "Garage door does not open",
            "Replace cylinder, 3 doors",
            "Access reader offline",
            "Automatic door hits people",
        ],
    },
    Job {
        kind: "Façade work",
        minutes: 120,
        skill: 7,
        titles: [
            "Broken pane, 2nd floor",
            "Seal terrace joints",
            "Loose stone over entrance",
            "Blinds stuck, south side",
        ],
    },
    Job {
        kind: "Fire alarm",
        minutes: 45,
        skill: 6,
        titles: [
            "False alarm, smoke detector 214",
            "Panel shows loop fault",
            "Sprinkler pressure low",
            "Siren silent on level −2",
        ],
    },
    Job {
        kind: "Fire system check",
        minutes: 90,
        skill: 6,
        titles: [
            "Yearly extinguisher check",
            "Test smoke extraction",
            "Inspect dry riser",
            "Check fire doors, tower A",
        ],
    },
];

/// First names with the language of the app.
pub(super) const FIRST_NAMES: [(&str, &str); 30] = [
    ("Ana", "fr"),
    ("Luca", "it"),
    ("Julien", "fr"),
    ("Sofia", "it"),
    ("Marco", "it"),
    ("Chloé", "fr"),
    ("Antoine", "fr"),
    ("Giulia", "it"),
    ("Karim", "fr"),
    ("Elena", "it"),
    ("Thomas", "fr"),
    ("Nadia", "fr"),
    ("Paolo", "it"),
    ("Léa", "fr"),
    ("Mathieu", "fr"),
    ("Inès", "fr"),
    ("Stefano", "it"),
    ("Camille", "fr"),
    ("Hugo", "fr"),
    ("Francesca", "it"),
    ("David", "en"),
    ("Sarah", "en"),
    ("Rémi", "fr"),
    ("Valentina", "it"),
    ("Nicolas", "fr"),
    ("Amina", "fr"),
    ("Roberto", "it"),
    ("Manon", "fr"),
    ("Peter", "en"),
    ("Claire", "fr"),
];

/// Family names; with the first names they make 60 different people.
pub(super) const FAMILY_NAMES: [&str; 20] = [
    "Rossi",
    "Moreau",
    "Bianchi",
    "Garnier",
    "Ferrari",
    "Lambert",
    "Conti",
    "Fontaine",
    "Greco",
    "Mercier",
    "Ricci",
    "Blanchard",
    "Marino",
    "Perrin",
    "Costa",
    "Renaud",
    "Gallo",
    "Chevalier",
    "Lombardi",
    "Aubert",
];

/// Customers.
pub(super) const CUSTOMERS: [&str; 24] = [
    "Résidence Les Oliviers",
    "Hôtel Belle Rive",
    "Résidence Bellevue",
    "Cabinet Vidal & Fils",
    "Clinique du Rocher",
    "Boulangerie Sartori",
    "Syndic Azur",
    "Restaurant La Falaise",
    "Banque Meridia",
    "Galerie Corail",
    "Résidence Saint-Roman",
    "Hôtel Miramar Palace",
    "Pharmacie du Port",
    "École des Moneghetti",
    "Yachting Services SAM",
    "Résidence Le Panorama",
    "Traiteur Delmas",
    "Immeuble Le Consul",
    "Parking Grimaldi",
    "Spa Les Embruns",
    "Librairie Hercule",
    "Crèche Les Mouettes",
    "Cinéma Riviera",
    "Tour Horizon",
];

/// Streets with a point on each (longitude, latitude).
pub(super) const STREETS: [(&str, f64, f64); 32] = [
    ("Boulevard Albert Ier", 7.4215, 43.7352),
    ("Rue Grimaldi", 7.4199, 43.7349),
    ("Rue de Millo", 7.4208, 43.7335),
    ("Rue Princesse Caroline", 7.4213, 43.7340),
    ("Boulevard Rainier III", 7.4166, 43.7345),
    ("Rue Plati", 7.4163, 43.7335),
    ("Boulevard du Jardin Exotique", 7.4150, 43.7335),
    ("Boulevard de Belgique", 7.4168, 43.7358),
    ("Avenue Hector Otto", 7.4134, 43.7338),
    ("Avenue Pasteur", 7.4137, 43.7311),
    ("Avenue Prince Pierre", 7.4191, 43.7331),
    ("Rue de la Turbie", 7.4202, 43.7362),
    ("Avenue d'Ostende", 7.4238, 43.7378),
    ("Avenue de Monte-Carlo", 7.4262, 43.7385),
    ("Boulevard des Moulins", 7.4287, 43.7415),
    ("Avenue de la Costa", 7.4249, 43.7389),
    ("Boulevard Princesse Charlotte", 7.4253, 43.7403),
    ("Avenue Saint-Michel", 7.4278, 43.7411),
    ("Boulevard d'Italie", 7.4326, 43.7459),
    ("Avenue Princesse Grace", 7.4344, 43.7462),
    ("Rue du Portier", 7.4304, 43.7420),
    ("Avenue de Grande-Bretagne", 7.4300, 43.7425),
    ("Boulevard de Suisse", 7.4236, 43.7392),
    ("Boulevard de France", 7.4262, 43.7413),
    ("Avenue Albert II", 7.4150, 43.7287),
    ("Rue du Gabian", 7.4147, 43.7280),
    ("Avenue des Papalins", 7.4187, 43.7290),
    ("Rue de l'Industrie", 7.4140, 43.7277),
    ("Rue Basse", 7.4228, 43.7311),
    ("Avenue de la Porte Neuve", 7.4245, 43.7321),
    ("Boulevard de la République, Beausoleil", 7.4258, 43.7427),
    ("Avenue du Général de Gaulle, Beausoleil", 7.4293, 43.7443),
];

/// Remarks from the office or the field.
pub(super) const NOTES: [&str; 10] = [
    "Ring at the concierge, the key is there.",
    "Customer asks for a call 20 minutes before.",
    "Spare part ordered, arrives tomorrow.",
    "Loading bay closes at 18:00.",
    "Parking only in the underground car park, height 1.90 m.",
    "Second visit: last week's repair did not hold.",
    "Badge needed for level −3.",
    "Photos are in the report.",
    "Water is turned off until we come.",
    "Contact on site speaks Italian.",
];

/// Why a task was not done.
pub(super) const REASONS: [&str; 4] =
    ["Nobody on site", "Part missing", "Access refused by security", "Wrong address, customer moved"];
