//! What is promised of a stored layer, and the streams that compress it.

use crate::build::{dir, file, gzip, gzip_stream, one, tar, zstd};
use crate::check::{SCALE, hostile, read};
use facts::layer::Promise;
use model::{Digest, UnknownKind};
use std::io::Write;

fn plain() -> Vec<u8> {
    tar(&[dir("etc"), file("etc/a", "one"), file("b", vec![7; 3000])])
}

/// Writes `count` bytes of `byte`.
fn pour(into: &mut dyn Write, byte: u8, count: u64) {
    let piece = vec![byte; 1 << 20];
    let mut left = count;
    while left > 0 {
        let now = left.min(piece.len() as u64);
        into.write_all(&piece[..now as usize]).expect("in memory");
        left -= now;
    }
}

fn gzip_zeros(count: u64) -> Vec<u8> {
    gzip_stream(|into| pour(into, 0, count))
}

fn zstd_zeros(count: u64) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("in memory");
    pour(&mut encoder, 0, count);
    encoder.finish().expect("in memory")
}

/// A zstd frame header that asks for a window of `1 << log` bytes, and one raw block.
fn wide_window(log: u8) -> Vec<u8> {
    let body = plain();
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, (log - 10) << 3];
    let block = (body.len() as u32) << 3 | 1;
    frame.extend(&block.to_le_bytes()[..3]);
    frame.extend(body);
    frame
}

fn skippable(count: usize) -> Vec<u8> {
    [0x184d_2a50_u32.to_le_bytes().as_slice(), &(count as u32).to_le_bytes(), &vec![9; count]].concat()
}

hostile! {
    a_gzip_bomb: vec![gzip_zeros((4 << 30) / SCALE as u64)] => ["limit (inflate_ratio)"] [];
    a_zstd_bomb: vec![zstd_zeros((8 << 30) / SCALE as u64)] => ["limit (inflate_ratio)"] [];
    a_bomb_of_many_layers: vec![gzip_zeros((1 << 30) / SCALE as u64); 4] => ["limit (inflate_ratio)"] [];
    a_bomb_below_an_honest_layer: vec![gzip_zeros((1 << 30) / SCALE as u64), gzip(&plain())] =>
        ["limit (inflate_ratio)"] ["/b", "/etc/a"];
    gzip_within_gzip_is_no_archive: vec![gzip(&gzip(&plain()))] => ["damaged ends inside"] [];
    many_members: vec![plain().chunks(100).flat_map(gzip).collect()] => [] ["/b", "/etc/a"];
    members_of_nothing: vec![[gzip(b"").repeat(200_000 / SCALE), gzip(&plain())].concat()] => [] ["/b", "/etc/a"];
    frames_of_nothing: vec![[zstd(b"").repeat(200_000 / SCALE), zstd(&plain())].concat()] => [] ["/b", "/etc/a"];
    many_frames: vec![plain().chunks(100).flat_map(zstd).collect()] => [] ["/b", "/etc/a"];
    skippable_frames: vec![[skippable(5000), zstd(&plain()), skippable(0)].concat()] => [] ["/b", "/etc/a"];
    nothing_but_skippable_frames: vec![skippable(8).repeat(100_000)] => [] [];
    a_cut_skippable_frame: vec![[zstd(&plain()), skippable(500)[..200].to_vec()].concat()] =>
        ["damaged cannot be read"] [];
    an_allowed_window: vec![wide_window(27)] => [] ["/b", "/etc/a"];
    a_huge_window: vec![wide_window(31)] => ["damaged cannot be read"] [];
    a_window_past_all_sizes: vec![wide_window(41)] => ["damaged cannot be read"] [];
    rubbish_after_gzip: vec![[gzip(&plain()), b"rubbish".to_vec()].concat()] => ["damaged cannot be read"] [];
    rubbish_after_zstd: vec![[zstd(&plain()), b"rubbish".to_vec()].concat()] => ["damaged cannot be read"] [];
    zstd_after_gzip: vec![[gzip(&plain()), zstd(&plain())].concat()] => ["damaged cannot be read"] [];
    rubbish_after_the_end_mark: vec![[plain(), file("c", "")].concat()] =>
        ["bad-record end mark"] ["/b", "/etc/a"];
    an_endless_gzip_name: vec![[vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3], vec![b'n'; 9 << 20]].concat()] =>
        ["damaged cannot be read"] [];
    nothing_at_all: vec![Vec::new()] => [] [];
    only_zeros: vec![vec![0; 4 << 20]] => [] [];
    only_noise: vec![(0..100_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()] =>
        ["damaged checksum"] [];
    a_wrong_crc: vec![{ let mut s = gzip(&plain()); let at = s.len() - 6; s[at] ^= 1; s }] =>
        ["damaged cannot be read"] [];
    a_wrong_length: vec![{ let mut s = gzip(&plain()); let at = s.len() - 2; s[at] ^= 1; s }] =>
        ["damaged cannot be read"] [];
    a_thousand_and_one_layers: (0..1001).map(|_| tar(&[file("a", "")])).collect() => ["limit (layers)"] ["/a"];
    an_xz_layer: one(&[b"\xfd7zXZ\0\0\x04".to_vec(), vec![1; 600]]) => ["damaged checksum"] [];
}

#[test]
fn every_forged_promise_drops_the_layer() {
    let other = Digest::of(b"other");
    for stored in [plain(), gzip(&plain()), zstd(&plain())] {
        let (digest, size) = (Digest::of(&stored), stored.len() as u64);
        let good = Promise { blob: Some((digest, size)), diff_id: Some(Digest::of(&plain())) };
        assert!(read(&stored, &good).is_ok());
        let forged = [
            Promise { blob: Some((other, size)), ..good },
            Promise { blob: Some((digest, size - 1)), ..good },
            Promise { blob: Some((digest, size + 1)), ..good },
            Promise { blob: Some((digest, 0)), ..good },
            Promise { blob: Some((digest, u64::MAX)), ..good },
            Promise { diff_id: Some(other), ..good },
            Promise { blob: None, diff_id: Some(other) },
            Promise { blob: Some((other, size)), diff_id: None },
        ];
        for promise in forged {
            let unknown = read(&stored, &promise).unwrap_err();
            assert_eq!(unknown.kind, UnknownKind::Mismatch, "{promise:?}: {unknown}");
        }
    }
}

#[test]
fn a_cut_layer_is_never_believed_whole() {
    for stored in [gzip(&plain()), zstd(&plain())] {
        for cut in 1..stored.len() {
            let unknown = read(&stored[..cut], &Promise::default());
            let believed = unknown.is_ok_and(|facts| !facts.unknowns.iter().any(|u| u.kind.blocks()));
            assert!(!believed, "{cut} of {}", stored.len());
        }
    }
}

#[test]
fn a_cut_archive_keeps_what_was_whole_and_says_so() {
    let plain = plain();
    for cut in (1..plain.len() - 1024).filter(|cut| cut % 512 != 0) {
        let facts = read(&plain[..cut], &Promise::default()).expect("in memory");
        assert!(facts.unknowns.iter().any(|u| u.kind == UnknownKind::Damaged), "{cut}");
    }
}
