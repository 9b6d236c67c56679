//! Areas for a tree of sizes: squarified treemaps (Bruls, Huizing, van Wijk, 2000), computed here so that the page needs
//! no script.

use std::collections::BTreeMap;

/// Bytes of files below a path, by what they are for whoever runs the image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weights {
    /// Seen and needed.
    pub(super) seen: u64,
    /// Hidden by a later layer.
    pub(super) dead: u64,
    /// Seen, and could be left out.
    pub(super) spare: u64,
}

impl Weights {
    pub(super) fn all(self) -> u64 {
        self.seen.saturating_add(self.dead).saturating_add(self.spare)
    }

    pub(super) fn add(&mut self, other: Self) {
        self.seen = self.seen.saturating_add(other.seen);
        self.dead = self.dead.saturating_add(other.dead);
        self.spare = self.spare.saturating_add(other.spare);
    }
}

/// A directory, or a file where nothing is below.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) weights: Weights,
    pub(super) children: BTreeMap<Vec<u8>, Node>,
}

impl Node {
    /// Adds a file; below `depth` names it counts for the directory.
    pub(super) fn add(&mut self, path: &[u8], depth: usize, weights: Weights) {
        let mut at = self;
        at.weights.add(weights);
        for name in path.split(|&b| b == b'/').filter(|name| !name.is_empty()).take(depth) {
            if !at.children.contains_key(name) {
                at.children.insert(name.to_vec(), Self::default());
            }
            let Some(next) = at.children.get_mut(name) else { return };
            next.weights.add(weights);
            at = next;
        }
    }
}

/// An area in a plane of any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Area {
    /// The same without a border, and without room for a heading.
    pub(super) fn inside(self, border: f64, heading: f64) -> Self {
        Self {
            x: self.x + border,
            y: self.y + border + heading,
            width: (self.width - 2.0 * border).max(0.0),
            height: (self.height - 2.0 * border - heading).max(0.0),
        }
    }
}

/// An area for each of `sizes`, which are sorted, the largest first; together they fill `area`.
pub(super) fn squarified(sizes: &[u64], area: Area) -> Vec<Area> {
    let total: f64 = sizes.iter().map(|size| *size as f64).sum();
    let mut out = Vec::with_capacity(sizes.len());
    if total <= 0.0 {
        return sizes.iter().map(|_| Area { width: 0.0, height: 0.0, ..area }).collect();
    }
    let scale = area.width * area.height / total;
    let areas: Vec<f64> = sizes.iter().map(|size| *size as f64 * scale).collect();
    let (mut left, mut from) = (area, 0);
    while from < areas.len() {
        let side = left.width.min(left.height);
        let mut to = from + 1;
        while to < areas.len() && worst(&areas[from..=to], side) <= worst(&areas[from..to], side) {
            to += 1;
        }
        left = row(&areas[from..to], left, &mut out);
        from = to;
    }
    out
}

/// How far from a square the worst of a row is, 1 being a square.
fn worst(row: &[f64], side: f64) -> f64 {
    let sum: f64 = row.iter().sum();
    let ratio = |area: &f64| {
        let (a, b) = (side * side * area, sum * sum);
        if a <= 0.0 || b <= 0.0 { f64::MAX } else { (a / b).max(b / a) }
    };
    row.iter().map(ratio).fold(0.0, f64::max)
}

/// Lays a row along the shorter side; what is left of the area comes back.
fn row(row: &[f64], area: Area, out: &mut Vec<Area>) -> Area {
    let sum: f64 = row.iter().sum();
    let upright = area.width >= area.height;
    let side = if upright { area.height } else { area.width };
    let thick = if side > 0.0 { sum / side } else { 0.0 };
    let mut at = 0.0;
    for part in row {
        let long = if thick > 0.0 { part / thick } else { 0.0 };
        out.push(match upright {
            true => Area { x: area.x, y: area.y + at, width: thick, height: long },
            false => Area { x: area.x + at, y: area.y, width: long, height: thick },
        });
        at += long;
    }
    match upright {
        true => Area { x: area.x + thick, width: (area.width - thick).max(0.0), ..area },
        false => Area { y: area.y + thick, height: (area.height - thick).max(0.0), ..area },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANE: Area = Area { x: 10.0, y: 20.0, width: 600.0, height: 400.0 };

    #[test]
    fn the_papers_example() {
        let found = squarified(&[6, 6, 4, 3, 2, 2, 1], Area { x: 0.0, y: 0.0, width: 6.0, height: 4.0 });
        let shown: Vec<String> =
            found.iter().map(|a| format!("{:.2},{:.2} {:.2}x{:.2}", a.x, a.y, a.width, a.height)).collect();
        assert_eq!(
            shown[..4],
            ["0.00,0.00 3.00x2.00", "0.00,2.00 3.00x2.00", "3.00,0.00 1.71x2.33", "4.71,0.00 1.29x2.33"]
        );
    }

    #[test]
    fn nothing_and_nought() {
        assert_eq!(squarified(&[], PLANE), []);
        assert!(squarified(&[0, 0], PLANE).iter().all(|area| area.width == 0.0));
        assert_eq!(squarified(&[5], PLANE), [PLANE]);
    }

    #[test]
    fn files_below_the_depth_count_for_their_directory() {
        let mut root = Node::default();
        root.add(b"a/b/c", 2, Weights { seen: 1, ..Weights::default() });
        root.add(b"a/b/d", 2, Weights { dead: 2, ..Weights::default() });
        root.add(b"a", 2, Weights { spare: 4, ..Weights::default() });
        let a = &root.children[b"a".as_slice()];
        assert_eq!((a.weights.all(), a.children[b"b".as_slice()].weights.all(), root.weights.all()), (7, 3, 7));
        assert!(a.children[b"b".as_slice()].children.is_empty());
    }

    #[test]
    fn areas_are_as_large_as_their_sizes_and_stay_inside() {
        // Sizes of many orders of magnitude, the same on every run.
        let mut state = 1_u64;
        for count in 1..60 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 40) >> (state >> 59)
            };
            let mut sizes: Vec<u64> = (0..count).map(|_| next()).collect();
            sizes.sort_unstable_by(|a, b| b.cmp(a));
            let total: u64 = sizes.iter().sum();
            for (size, area) in sizes.iter().zip(squarified(&sizes, PLANE)) {
                let expected = if total == 0 { 0.0 } else { *size as f64 / total as f64 * PLANE.width * PLANE.height };
                assert!((area.width * area.height - expected).abs() < 1.0, "{size} {area:?}");
                assert!(area.x > 9.9 && area.x + area.width < 610.1, "{area:?}");
                assert!(area.y > 19.9 && area.y + area.height < 420.1, "{area:?}");
            }
        }
    }
}
