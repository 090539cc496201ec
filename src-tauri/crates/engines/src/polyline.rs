//! Encoded polylines with six decimals, as both engines send ways.

use domain::LonLat;
use protocol::view::EngineFault;

use crate::dialect::lon_lat;

/// At least two points.
pub(crate) fn decode(text: &str) -> Result<Vec<LonLat>, EngineFault> {
    let mut bytes = text.bytes();
    let (mut lat_e6, mut lon_e6) = (0_i64, 0_i64);
    let mut points = Vec::new();
    while bytes.len() > 0 {
        lat_e6 += number(&mut bytes)?;
        lon_e6 += number(&mut bytes)?;
        points.push(lon_lat(lon_e6 as f64 / 1e6, lat_e6 as f64 / 1e6)?);
    }
    if points.len() < 2 {
        return Err(EngineFault::Nonsense);
    }
    Ok(points)
}

/// Five bits in each character, the lowest first; the last bit of the whole is the sign.
fn number(bytes: &mut std::str::Bytes<'_>) -> Result<i64, EngineFault> {
    let (mut bits, mut shift) = (0_i64, 0);
    loop {
        let byte = bytes.next().and_then(|byte| byte.checked_sub(63)).ok_or(EngineFault::Nonsense)?;
        // 360° with six decimals need 30 bits.
        if byte > 0x3f || shift > 30 {
            return Err(EngineFault::Nonsense);
        }
        bits |= i64::from(byte & 0x1f) << shift;
        shift += 5;
        if byte < 0x20 {
            return Ok(if bits & 1 == 1 { !(bits >> 1) } else { bits >> 1 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_format_is_read() {
        // The example of the format's own description, with its numbers taken as millionths.
        let points = decode("_p~iF~ps|U_ulLnnqC_mqNvxq`@").expect("a polyline");
        let expected = [(-12.02, 3.85), (-12.095, 4.07), (-12.6453, 4.3252)];
        for (point, (lon, lat)) in points.iter().zip(expected) {
            assert!((point.lon() - lon).abs() < 1e-6 && (point.lat() - lat).abs() < 1e-6, "{point:?}");
        }
        assert_eq!(points.len(), 3, "and no more");
    }

    #[test]
    fn rubbish_is_no_way() {
        for rubbish in ["", "_p~iF~ps|U", "_p~iF", "_", "\n\n", "~~~~~~~~~~~~~~~~~~~~", "ä", "_p~iF~ps|U_ulL"]
        {
            assert_eq!(decode(rubbish), Err(EngineFault::Nonsense), "{rubbish:?} has no two points");
        }
        let pole = "_seK_seK".repeat(2_000);
        assert_eq!(decode(&pole), Err(EngineFault::Nonsense), "it leaves the earth");
    }
}
