//! What holds for any layer and any stack of them.

use crate::build::{gzip, zstd};
use crate::check::read;
use crate::reference::{Op, Random, archives, stack};
use crate::shown::{differences, squashed};
use facts::layer::Promise;
use facts::{LayerFacts, Limits, assemble};
use proptest::prelude::*;

fn layers_of(stack: &[Vec<Op>]) -> Vec<LayerFacts> {
    archives(stack).iter().map(|tar| read(tar, &Promise::default()).expect("a sound layer")).collect()
}

/// A shuffled copy of each layer; only whiteouts move among the rest, whose own order means something.
fn shuffled(stack: &[Vec<Op>], random: &mut Random) -> Vec<Vec<(usize, Op)>> {
    let layer = |ops: &Vec<Op>| {
        let (hiding, mut rest): (Vec<_>, Vec<_>) = ops.iter().cloned().enumerate().partition(|(_, op)| op.hides());
        for op in hiding {
            let at = random.below(rest.len() as u64 + 1) as usize;
            rest.insert(at, op);
        }
        rest
    };
    stack.iter().map(layer).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stack_squashes_as_it_extracts(seed in any::<u64>()) {
        let (stack, naive) = stack(seed);
        let layers = layers_of(&stack);
        let ours = squashed(&layers, |layer, entry| format!("{layer}.{entry}"));
        prop_assume!(ours.is_some());
        let ours = ours.unwrap_or_default();
        let found = differences(&ours, &naive.list());
        prop_assert!(found.is_empty(), "{:#?}\n{:#?}", stack, found);
        let facts = assemble(&layers, Vec::new(), &Limits::default());
        prop_assert_eq!(facts.unknowns, vec![]);
    }

    /// Every byte of every layer is seen or dead, and each dead one has one cause.
    #[test]
    fn every_byte_is_accounted_for(seed in any::<u64>()) {
        let layers = layers_of(&stack(seed).0);
        let facts = assemble(&layers, Vec::new(), &Limits::default());
        prop_assume!(facts.unknowns.is_empty());
        let brought: u64 = facts.layers.iter().map(|layer| layer.file_bytes).sum();
        let dead = |layer: usize| -> u64 {
            facts.waste.iter().filter(|g| g.layer as usize == layer && g.hidden_by.is_some()).map(|g| g.bytes).sum()
        };
        for (number, layer) in facts.layers.iter().enumerate() {
            prop_assert_eq!(dead(number), layer.hidden_bytes, "layer {}", number + 1);
        }
        let hidden: u64 = (0..layers.len()).map(dead).sum();
        prop_assert_eq!(hidden + facts.visible_bytes, brought);
    }

    #[test]
    fn the_place_of_a_whiteout_means_nothing(seed in any::<u64>()) {
        let (stack, naive) = stack(seed);
        let moved = shuffled(&stack, &mut Random(seed));
        let plain: Vec<Vec<Op>> = moved.iter().map(|l| l.iter().map(|(_, op)| op.clone()).collect()).collect();
        let ours = squashed(&layers_of(&plain), |layer, entry| {
            format!("{layer}.{}", moved[layer as usize][entry as usize].0)
        });
        prop_assume!(ours.is_some());
        let ours = ours.unwrap_or_default();
        prop_assert_eq!(differences(&ours, &naive.list()), Vec::<String>::new());
    }

    #[test]
    fn every_encoding_gives_the_same_facts(seed in any::<u64>(), at in 0.0..1.0_f64) {
        let tar = archives(&stack(seed).0).concat();
        let cut = (tar.len() as f64 * at) as usize;
        let plain = read(&tar, &Promise::default()).expect("a sound layer");
        for stored in [
            gzip(&tar),
            zstd(&tar),
            [gzip(&tar[..cut]), gzip(&tar[cut..])].concat(),
            [zstd(&tar[..cut]), zstd(&tar[cut..])].concat(),
        ] {
            prop_assert_eq!(&read(&stored, &Promise::default()).expect("a sound layer"), &plain);
        }
    }

    #[test]
    fn a_damaged_layer_is_read_without_a_panic(seed in any::<u64>(), hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        for mut tar in archives(&stack(seed).0) {
            for (at, byte) in &hits {
                *at.get_mut(&mut tar) = *byte;
            }
            for stored in [gzip(&tar), tar] {
                let facts = read(&stored, &Promise::default()).expect("a sound layer");
                assemble(&[facts], Vec::new(), &Limits::default());
            }
        }
    }

    #[test]
    fn a_damaged_stream_is_read_without_a_panic(seed in any::<u64>(), hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        for tar in archives(&stack(seed).0) {
            for mut stored in [gzip(&tar), zstd(&tar)] {
                for (at, byte) in &hits {
                    *at.get_mut(&mut stored) = *byte;
                }
                if let Ok(facts) = read(&stored, &Promise::default()) {
                    assemble(&[facts], Vec::new(), &Limits::default());
                }
            }
        }
    }
}

/// Found by the property above: a whiteout below a link that another whiteout removes.
#[test]
fn seed_1329630505272515900_is_the_same_in_either_order() {
    let seed = 1_329_630_505_272_515_900;
    let (stack, _) = stack(seed);
    let moved = shuffled(&stack, &mut Random(seed));
    let moved: Vec<Vec<Op>> = moved.iter().map(|l| l.iter().map(|(_, op)| op.clone()).collect()).collect();
    let told = |stack: &[Vec<Op>]| -> Vec<String> {
        let facts = assemble(&layers_of(stack), Vec::new(), &Limits::default());
        facts.unknowns.iter().map(|u| u.why.clone()).collect()
    };
    let why = "a whiteout below a link that its own layer replaces or removes; it hides nothing here";
    assert_eq!((told(&stack), told(&moved)), (vec![why.to_owned()], vec![why.to_owned()]));
}
