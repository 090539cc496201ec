use super::*;

#[test]
fn markers_are_ten_to_fourteen_points_large() {
    for marker in
        [Marker::Free, Marker::EnRoute, Marker::Working, Marker::Late, Marker::Stale, Marker::Silent]
    {
        let points = corners(marker);
        let width = points.iter().map(|at| at.x.abs()).fold(0.0, f32::max) * 2.0;
        assert!((10.0..=14.0).contains(&width), "{marker:?} is {width} points wide");
    }
}

#[test]
fn the_middle_is_filled_and_the_corner_of_the_cell_is_empty() {
    let palette = Palette::of(Theme::Light);
    let middle = color_at(Marker::Working, palette, Vec2::ZERO, 1.0);
    assert_eq!(middle, palette.working, "the state's colour is pure in the middle");
    let corner = color_at(Marker::Working, palette, Vec2::splat(9.5), 1.0);
    assert_eq!(corner.a(), 0, "nothing is drawn in the corner of the quad");
    let hole = color_at(Marker::Stale, palette, Vec2::ZERO, 1.0);
    assert_eq!(hole, palette.hollow, "a stale dot is hollow");
}

#[test]
fn an_arrow_points_north_before_it_is_turned() {
    let tip = distance(Marker::EnRoute, vec2(0.0, -8.0));
    let tail = distance(Marker::EnRoute, vec2(0.0, 6.0));
    assert!(tip < 0.0, "the tip is part of the arrow");
    assert!(tail > 0.0, "the notch at the tail is not");
}

#[test]
fn every_cell_lies_inside_the_texture_at_any_density() {
    for density in [1.0, 1.25, 2.0, 3.0] {
        let (image, cells) = rasterise(Palette::of(Theme::Dark), density);
        assert!(image.size[0] <= 1_024, "the texture stays small: {:?}", image.size);
        for cell in cells {
            let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)).expand(1e-4);
            assert!(whole.contains_rect(cell.uv), "{cell:?} at density {density}");
        }
    }
}
