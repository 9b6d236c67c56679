use super::*;
use crate::looks::looks;
use std::io::Write;

fn archive() -> Vec<u8> {
    let mut builder = ::tar::Builder::new(Vec::new());
    let many: Vec<(String, Vec<u8>)> = (0..200).map(|i| (format!("d/f{i}"), vec![i as u8; 5000 * (i % 7)])).collect();
    for (name, content) in [("etc/os-release".to_owned(), b"ID=x".to_vec())].into_iter().chain(many) {
        let mut header = ::tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    // Two members, as eStargz writes them.
    plain
        .chunks(plain.len() / 2 + 1)
        .flat_map(|half| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(half).unwrap();
            encoder.finish().unwrap()
        })
        .collect()
}

fn run(stored: &[u8], encoding: Encoding, promise: &Promise, limits: &Limits) -> Result<LayerFacts, Unknown> {
    let means = Means {
        limits,
        looks: &looks(),
        spool: &tempfile::tempfile,
        allowance: &AtomicU64::new(u64::MAX),
        progress: &|_| {},
    };
    read(stored, encoding, promise, &means)
}

fn promise(stored: &[u8], plain: &[u8]) -> Promise {
    Promise { blob: Some((Digest::of(stored), stored.len() as u64)), diff_id: Some(Digest::of(plain)) }
}

#[test]
fn the_same_layer_in_every_encoding_is_the_same_facts() {
    let plain = archive();
    let zstd = [zstd::encode_all(&plain[..9000], 1).unwrap(), zstd::encode_all(&plain[9000..], 3).unwrap()].concat();
    let mut seen = Vec::new();
    for stored in [plain.clone(), gzip(&plain), zstd] {
        seen.push(run(&stored, Encoding::Sniff, &promise(&stored, &plain), &Limits::default()).unwrap());
    }
    assert_eq!(seen[0].entries.len(), 201);
    assert_eq!(seen[0].kept.len(), 1);
    assert_eq!(seen[0].plain_size, plain.len() as u64);
    assert!(seen.iter().all(|facts| *facts == seen[0]));
}

#[test]
fn every_forged_promise_drops_everything() {
    let plain = archive();
    let stored = gzip(&plain);
    let good = promise(&stored, &plain);
    let size = stored.len() as u64;
    let forged = [
        Promise { diff_id: Some(Digest::of(b"other")), ..good },
        Promise { blob: Some((Digest::of(b"other"), size)), ..good },
        Promise { blob: Some((Digest::of(&stored), size - 1)), ..good },
        Promise { blob: Some((Digest::of(&stored), size + 1)), ..good },
    ];
    for promise in forged {
        let unknown = run(&stored, Encoding::Gzip, &promise, &Limits::default()).unwrap_err();
        assert_eq!(unknown.kind, UnknownKind::Mismatch, "{unknown}");
    }
}

#[test]
fn a_cut_stream_is_damaged_at_any_byte() {
    let plain = archive();
    let stored = gzip(&plain);
    for cut in [1, 5, 100, stored.len() / 2, stored.len() - 1] {
        let unknown = run(&stored[..cut], Encoding::Gzip, &Promise::default(), &Limits::default()).unwrap_err();
        assert_eq!(unknown.kind, UnknownKind::Damaged, "{cut}: {unknown}");
    }
}

#[test]
fn a_bomb_stops_at_the_ratio() {
    let limits = Limits { plain_floor: 1 << 20, ..Limits::default() };
    let stored = gzip(&vec![0; 64 << 20]);
    let unknown = run(&stored, Encoding::Gzip, &Promise::default(), &limits).unwrap_err();
    assert!(unknown.why.contains("inflate_ratio"), "{unknown}");
}

#[test]
fn limits_keep_what_came_before_and_say_so() {
    let plain = archive();
    let limits = Limits { entries: 10, ..Limits::default() };
    let facts = run(&plain, Encoding::Plain, &promise(&plain, &plain), &limits).unwrap();
    assert_eq!(facts.entries.len(), 10);
    assert!(facts.unknowns[0].why.contains("(entries)"));
    assert_eq!(facts.unknowns[0].spot.layer, Some(Digest::of(&plain)));
}

#[test]
fn a_damaged_archive_in_a_sound_stream_keeps_what_was_whole() {
    let mut plain = archive();
    plain[512 * 3] ^= 1;
    let facts = run(&plain, Encoding::Plain, &promise(&plain, &plain), &Limits::default()).unwrap();
    assert!(facts.unknowns.iter().any(|u| u.kind == UnknownKind::Damaged));
}

#[test]
fn what_is_stated_of_a_stream_is_left_only_for_what_its_bytes_say() {
    let plain = archive();
    let zstd = zstd::encode_all(plain.as_slice(), 1).unwrap();
    let stated = [Encoding::Plain, Encoding::Gzip, Encoding::Zstd, Encoding::Sniff];
    for (stored, encoding) in [(plain.clone(), Encoding::Plain), (gzip(&plain), Encoding::Gzip), (zstd, Encoding::Zstd)]
    {
        assert!(stated.iter().all(|one| one.or_as_found(&stored[..512]) == encoding), "{encoding:?}");
    }
    assert!(stated.iter().all(|one| one.or_as_found(b"neither") == *one && one.or_as_found(b"") == *one));
    for encoding in &stated[..3] {
        assert_eq!(Encoding::from_word(encoding.word()), Some(*encoding));
    }
    assert_eq!(Encoding::from_word(Encoding::Sniff.word()), None);
}

#[test]
fn a_layer_that_is_known_costs_as_much_as_to_read_it() {
    let plain = archive();
    let allowance = AtomicU64::new(u64::MAX);
    let means = Means {
        limits: &Limits::default(),
        looks: &looks(),
        spool: &tempfile::tempfile,
        allowance: &allowance,
        progress: &|_| {},
    };
    let facts = read(&plain[..], Encoding::Sniff, &promise(&plain, &plain), &means).unwrap();
    let again = AtomicU64::new(u64::MAX);
    assert!(charge(&facts, &again));
    assert_eq!(again.into_inner(), allowance.into_inner());
    assert!(!charge(&facts, &AtomicU64::new(1000)));
    let kept: u64 = facts.kept.iter().map(|part| part.bytes.len() as u64).sum();
    assert!(kept > 0 && weigh(&facts, &AtomicU64::new(kept)) && !weigh(&facts, &AtomicU64::new(kept - 1)));
}
