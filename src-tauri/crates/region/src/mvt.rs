//! Adding the sea to a vector tile (MVT 2): the little of protobuf that this takes.
//!
//! A layer's repeated fields may come in any mix, so a feature is added by writing it, and the key and value it needs, behind
//! the layer's own bytes: whatever else the layer and the tile hold stays as it is.

/// The layer and the tag by which maps of the OpenMapTiles schema know the sea.
const LAYER: &str = "water";
const KEY: &[u8] = b"class";
const OCEAN: &[u8] = b"ocean";
const DEFAULT_EXTENT: u32 = 4096;

/// Field numbers of the vector tile specification.
mod number {
    pub(super) const TILE_LAYER: u32 = 3;
    pub(super) const LAYER_NAME: u32 = 1;
    pub(super) const LAYER_FEATURE: u32 = 2;
    pub(super) const LAYER_KEY: u32 = 3;
    pub(super) const LAYER_VALUE: u32 = 4;
    pub(super) const LAYER_EXTENT: u32 = 5;
    pub(super) const LAYER_VERSION: u32 = 15;
    pub(super) const FEATURE_TAGS: u32 = 2;
    pub(super) const FEATURE_TYPE: u32 = 3;
    pub(super) const FEATURE_GEOMETRY: u32 = 4;
    pub(super) const VALUE_STRING: u32 = 1;
}

const POLYGON: u64 = 3;

/// These bytes are no vector tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotMvt;

/// One field of a message, with the bytes it takes as a whole.
struct Field<'a> {
    number: u32,
    whole: &'a [u8],
    value: Value<'a>,
}

enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

impl<'a> Value<'a> {
    fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            Value::Varint(_) | Value::Fixed => None,
        }
    }
}

/// Whether the tile shows the sea already: as a layer `ocean`, or as something `ocean` in its layer `water`.
pub(crate) fn has_ocean(tile: &[u8]) -> Result<bool, NotMvt> {
    for field in fields(tile)? {
        let Some(layer) = layer_of(&field) else { continue };
        let layer = fields(layer)?;
        let is_named = |name: &str| all(&layer, number::LAYER_NAME).any(|found| found == name.as_bytes());
        let has_value = all(&layer, number::LAYER_VALUE).any(|value| value == text_value(OCEAN));
        if is_named("ocean") || (is_named(LAYER) && has_value) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The tile with one more polygon of `class=ocean` in its layer `water`, which is made if there is none.
///
/// `draw` gets the layer's extent and gives the geometry's commands; `None` if it draws nothing.
pub(crate) fn with_ocean(tile: &[u8], draw: &dyn Fn(u32) -> Vec<u32>) -> Result<Option<Vec<u8>>, NotMvt> {
    let mut whole = Vec::with_capacity(tile.len() + 256);
    let mut drawn = None;
    for field in fields(tile)? {
        match layer_of(&field) {
            Some(layer) if drawn.is_none() && is_water(layer)? => {
                let Some(layer) = layer_with_ocean(layer, draw)? else { return Ok(None) };
                put_bytes(&mut whole, number::TILE_LAYER, &layer);
                drawn = Some(());
            }
            _ => whole.extend_from_slice(field.whole),
        }
    }
    if drawn.is_none() {
        let Some(layer) = layer_with_ocean(&empty_layer(), draw)? else { return Ok(None) };
        put_bytes(&mut whole, number::TILE_LAYER, &layer);
    }
    Ok(Some(whole))
}

fn layer_of<'a>(field: &Field<'a>) -> Option<&'a [u8]> {
    field.value.bytes().filter(|_| field.number == number::TILE_LAYER)
}

fn is_water(layer: &[u8]) -> Result<bool, NotMvt> {
    Ok(all(&fields(layer)?, number::LAYER_NAME).any(|name| name == LAYER.as_bytes()))
}

fn layer_with_ocean(layer: &[u8], draw: &dyn Fn(u32) -> Vec<u32>) -> Result<Option<Vec<u8>>, NotMvt> {
    let found = fields(layer)?;
    let geometry = draw(extent(&found));
    if geometry.is_empty() {
        return Ok(None);
    }
    let mut whole = layer.to_vec();
    let key = index_or_add(&mut whole, &found, number::LAYER_KEY, KEY);
    let value = index_or_add(&mut whole, &found, number::LAYER_VALUE, &text_value(OCEAN));
    let mut feature = Vec::new();
    put_bytes(&mut feature, number::FEATURE_TAGS, &packed([key, value]));
    put_varint(&mut feature, u64::from(number::FEATURE_TYPE << 3));
    put_varint(&mut feature, POLYGON);
    put_bytes(&mut feature, number::FEATURE_GEOMETRY, &packed(geometry.into_iter().map(u64::from)));
    put_bytes(&mut whole, number::LAYER_FEATURE, &feature);
    Ok(Some(whole))
}

/// The place of an entry in the layer's list of keys or of values; it is added if it isn't there.
fn index_or_add(layer: &mut Vec<u8>, found: &[Field<'_>], number: u32, entry: &[u8]) -> u64 {
    let index = all(found, number).position(|present| present == entry);
    let index = index.unwrap_or_else(|| {
        put_bytes(layer, number, entry);
        all(found, number).count()
    });
    index as u64
}

fn empty_layer() -> Vec<u8> {
    let mut layer = Vec::new();
    put_bytes(&mut layer, number::LAYER_NAME, LAYER.as_bytes());
    put_varint(&mut layer, u64::from(number::LAYER_EXTENT << 3));
    put_varint(&mut layer, u64::from(DEFAULT_EXTENT));
    put_varint(&mut layer, u64::from(number::LAYER_VERSION << 3));
    put_varint(&mut layer, 2);
    layer
}

fn extent(layer: &[Field<'_>]) -> u32 {
    let told = layer.iter().find_map(|field| match field.value {
        Value::Varint(extent) if field.number == number::LAYER_EXTENT => u32::try_from(extent).ok(),
        Value::Varint(_) | Value::Bytes(_) | Value::Fixed => None,
    });
    told.filter(|extent| (1..=1 << 20).contains(extent)).unwrap_or(DEFAULT_EXTENT)
}

fn all<'a>(fields: &[Field<'a>], number: u32) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter(move |field| field.number == number).filter_map(|field| field.value.bytes())
}

fn text_value(text: &[u8]) -> Vec<u8> {
    let mut value = Vec::new();
    put_bytes(&mut value, number::VALUE_STRING, text);
    value
}

fn fields(message: &[u8]) -> Result<Vec<Field<'_>>, NotMvt> {
    let mut fields = Vec::new();
    let mut rest = message;
    while !rest.is_empty() {
        let start = rest;
        let key = take_varint(&mut rest)?;
        let number = u32::try_from(key >> 3).map_err(|_| NotMvt)?;
        let value = match key & 7 {
            0 => Value::Varint(take_varint(&mut rest)?),
            1 => take(&mut rest, 8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(take_varint(&mut rest)?).map_err(|_| NotMvt)?;
                Value::Bytes(take(&mut rest, length)?)
            }
            5 => take(&mut rest, 4).map(|_| Value::Fixed)?,
            _ => return Err(NotMvt),
        };
        fields.push(Field { number, whole: &start[..start.len() - rest.len()], value });
    }
    Ok(fields)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], NotMvt> {
    let (taken, left) = rest.split_at_checked(length).ok_or(NotMvt)?;
    *rest = left;
    Ok(taken)
}

fn take_varint(rest: &mut &[u8]) -> Result<u64, NotMvt> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(NotMvt)
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from(number << 3 | 2));
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn packed(numbers: impl IntoIterator<Item = u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    numbers.into_iter().for_each(|number| put_varint(&mut bytes, number));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A triangle: MoveTo (0, 0), LineTo twice, ClosePath.
    const TRIANGLE: [u32; 9] = [9, 0, 0, 18, 20, 0, 0, 20, 15];

    fn triangle(_extent: u32) -> Vec<u32> {
        TRIANGLE.to_vec()
    }

    fn layer(name: &str, keys: &[&str], values: &[&str], feature: &[u8]) -> Vec<u8> {
        let mut layer = Vec::new();
        put_bytes(&mut layer, number::LAYER_NAME, name.as_bytes());
        put_bytes(&mut layer, number::LAYER_FEATURE, feature);
        keys.iter().for_each(|key| put_bytes(&mut layer, number::LAYER_KEY, key.as_bytes()));
        values.iter().for_each(|v| put_bytes(&mut layer, number::LAYER_VALUE, &text_value(v.as_bytes())));
        layer
    }

    fn tile(layers: &[Vec<u8>]) -> Vec<u8> {
        let mut tile = Vec::new();
        layers.iter().for_each(|layer| put_bytes(&mut tile, number::TILE_LAYER, layer));
        tile
    }

    fn layers(tile: &[u8]) -> Vec<&[u8]> {
        all(&fields(tile).expect("a tile"), number::TILE_LAYER).collect()
    }

    #[test]
    fn a_tile_without_water_gets_a_layer() {
        let roads = layer("roads", &["class"], &["primary"], &[1]);
        let with =
            with_ocean(&tile(std::slice::from_ref(&roads)), &triangle).expect("a tile").expect("drawn");
        let found = layers(&with);
        assert_eq!(found.len(), 2, "one layer more");
        assert_eq!(found[0], roads, "the roads are as they were");
        let water = fields(found[1]).expect("a layer");
        assert_eq!(extent(&water), 4096, "the extent every renderer knows");
        let feature: Vec<&[u8]> = all(&water, number::LAYER_FEATURE).collect();
        let parts = fields(feature[0]).expect("a feature");
        assert_eq!(all(&parts, number::FEATURE_TAGS).next(), Some(&[0, 0][..]), "first key, first value");
        let geometry = packed(TRIANGLE.map(u64::from));
        assert_eq!(all(&parts, number::FEATURE_GEOMETRY).next(), Some(&geometry[..]), "as drawn");
        assert_eq!(has_ocean(&with), Ok(true), "and is found again");
    }

    #[test]
    fn a_water_layer_keeps_its_lakes() {
        let water = layer("water", &["id", "class"], &["lake"], &[7]);
        let with = with_ocean(&tile(&[water.clone(), layer("roads", &[], &[], &[1])]), &triangle);
        let with = with.expect("a tile").expect("drawn");
        let found = layers(&with);
        assert_eq!(found.len(), 2, "two layers of one name would be no valid tile");
        assert!(found[0].starts_with(&water), "the lakes are as they were");
        let water = fields(found[0]).expect("a layer");
        assert_eq!(all(&water, number::LAYER_KEY).count(), 2, "the key class was there");
        assert_eq!(all(&water, number::LAYER_VALUE).count(), 2, "ocean came to lake");
        let sea = all(&water, number::LAYER_FEATURE).nth(1).expect("a second feature");
        let tags = all(&fields(sea).expect("a feature"), number::FEATURE_TAGS).next().expect("tags");
        assert_eq!(tags, [1, 1], "class is the second key, ocean the second value");
    }

    #[test]
    fn nothing_drawn_changes_nothing() {
        assert_eq!(with_ocean(&[], &|_| Vec::new()), Ok(None), "no empty layer");
        assert_eq!(
            has_ocean(&tile(&[layer("water", &["class"], &["lake"], &[1])])),
            Ok(false),
            "a lake is no sea"
        );
        assert_eq!(has_ocean(&tile(&[layer("ocean", &[], &[], &[1])])), Ok(true), "other schemas' seas");
    }

    #[test]
    fn the_extent_is_the_layers_own() {
        let mut water = layer("water", &[], &[], &[1]);
        put_varint(&mut water, u64::from(number::LAYER_EXTENT << 3));
        put_varint(&mut water, 512);
        let asked = std::cell::Cell::new(0);
        let draw = |extent| {
            asked.set(extent);
            TRIANGLE.to_vec()
        };
        with_ocean(&tile(&[water]), &draw).expect("a tile").expect("drawn");
        assert_eq!(asked.get(), 512, "drawn to the layer's scale");
    }

    proptest! {
        #[test]
        fn foreign_bytes_are_refused_or_carried(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some(with)) = with_ocean(&bytes, &triangle) {
                prop_assert!(fields(&with).is_ok(), "no panic, and still a message");
            }
        }
    }
}
