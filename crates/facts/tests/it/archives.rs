//! Tar headers and extensions that lie or never end.

use crate::build::{dir, entry, file, gnu, gzip_stream, header, one, padded, pax, tar};
use crate::check::{SCALE, hostile};

/// A file whose header says this size, in these bytes.
fn sized(size: &[u8], content: &[u8]) -> Vec<u8> {
    let head = header(b"a", b'0', 0, |b| b[124..124 + size.len()].copy_from_slice(size));
    [head, padded(content)].concat()
}

/// A GNU sparse file of one piece.
fn sparse(name: &str, offset: u64, length: u64, real: u64, content: &[u8]) -> Vec<u8> {
    let number = |b: &mut [u8; 512], at: usize, value: u64| {
        b[at] = 0x80;
        b[at + 4..at + 12].copy_from_slice(&value.to_be_bytes());
    };
    let head = header(name.as_bytes(), b'S', content.len() as u64, |b| {
        b[257..265].copy_from_slice(b"ustar  \0");
        b[345..369].fill(0);
        number(b, 386, offset);
        number(b, 398, length);
        number(b, 483, real);
    });
    [head, padded(content)].concat()
}

/// PAX sparse 1.0 with this map before the data.
fn sparse_1(map: &str, stored: u64, data: &[u8], real: &str) -> Vec<u8> {
    let records = [
        ("GNU.sparse.major", b"1".as_slice()),
        ("GNU.sparse.minor", b"0"),
        ("GNU.sparse.name", b"s"),
        ("GNU.sparse.realsize", real.as_bytes()),
    ];
    [pax(b'x', &records), header(b"x", b'0', stored, |_| {}), padded(map.as_bytes()), padded(data)].concat()
}

/// A gzipped layer of `count` entries.
fn many(count: usize, mut entry: impl FnMut(usize) -> Vec<u8>) -> Vec<u8> {
    gzip_stream(|into| (0..count).for_each(|i| into.write_all(&entry(i)).expect("in memory")))
}

hostile! {
    a_negative_size: one(&[sized(&[0xff; 12], b"x"), file("b", "")]) => ["damaged size is not a number"] [];
    a_size_past_64_bits: one(&[sized(&[0x80, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], b"x")]) =>
        ["damaged size is not a number"] [];
    the_largest_size: one(&[sized(&[0x80, 0, 0, 0, 0x7f, 255, 255, 255, 255, 255, 255, 255], b"x")]) =>
        ["damaged ends inside"] [];
    a_size_of_nines: one(&[sized(b"99999999999\0", b"x")]) => ["damaged size is not a number"] [];
    a_size_of_blanks: one(&[sized(b"            ", b""), file("b", "")]) => [] ["/a", "/b"];
    a_size_with_nuls_before_it: one(&[sized(b"\0 0000001000", &file("evil", "")), file("b", "")]) => [] ["/a", "/b"];
    a_pax_size_hides_an_entry: one(&[pax(b'x', &[("size", b"512")]), header(b"a", b'0', 0, |_| {}), file("in", ""), file("b", "")]) =>
        [] ["/a", "/b"];
    a_pax_size_shows_an_entry: one(&[pax(b'x', &[("size", b"0")]), header(b"a", b'0', 512, |_| {}), file("in", ""), file("b", "")]) =>
        [] ["/a", "/b", "/in"];
    a_pax_size_that_is_none: one(&[pax(b'x', &[("size", b"-1")]), file("a", "")]) => ["damaged size is not a number"] [];
    a_pax_size_past_64_bits: one(&[pax(b'x', &[("size", b"99999999999999999999")]), file("a", "")]) =>
        ["damaged size is not a number"] [];
    a_link_with_a_size: one(&[file("a", ""), header(b"l", b'1', 512, |b| b[157] = b'a'), file("b", "")]) =>
        [] ["/a", "/b", "/l"];
    a_directory_with_a_size: one(&[header(b"d", b'5', 512, |_| {}), file("b", "")]) => [] ["/b"];
    a_pax_bomb: one(&[header(b"p", b'x', 3 << 20, |_| {}), vec![b'x'; 3 << 20], file("a", "")]) =>
        ["limit (extension_bytes)"] [];
    a_gnu_name_bomb: one(&[header(b"L", b'L', 4 << 30, |_| {}), file("a", "")]) => ["limit (extension_bytes)"] [];
    headers_before_headers: vec![many(100_000 / SCALE, |_| pax(b'x', &[("mtime", b"1")]))] => [] [];
    records_without_end: vec![many(300 / SCALE, |i| [pax(b'x', &vec![("a", b"".as_slice()); 150_000]), file(format!("f{i}"), "")].concat())] =>
        [] ["…"];
    a_global_header_renames: one(&[pax(b'g', &[("path", b"evil")]), file("a", "")]) => ["odd-entry for some extractors"] ["/a"];
    a_global_header_comments: one(&[pax(b'g', &[("comment", b"0f")]), file("a", "")]) => [] ["/a"];
    a_global_header_in_between: one(&[pax(b'x', &[("path", b"evil")]), pax(b'g', &[("comment", b"x")]), file("a", "")]) =>
        [] ["/a"];
    a_global_map_for_every_entry: vec![many(50_000 / SCALE, |i| match i {
        0 => pax(b'g', &[("GNU.sparse.map", "0,0,".repeat(200_000).trim_end_matches(',').as_bytes())]),
        _ => file(format!("f{i}"), ""),
    })] => ["odd-entry for some extractors"] ["…"];
    a_long_name_over_a_pax_path: one(&[gnu(b'L', b"good"), pax(b'x', &[("path", b"evil")]), file("a", "")]) => [] ["/good"];
    a_long_name_of_nothing: one(&[gnu(b'L', b""), file("a", "")]) => [] ["/a"];
    a_sparse_name_of_a_plain_file: one(&[pax(b'x', &[("GNU.sparse.name", b"evil")]), file("a", "")]) => [] ["/a"];
    a_wrong_checksum: one(&[file("a", ""), { let mut h = file("b", ""); h[0] ^= 1; h }]) => ["damaged checksum"] ["/a"];
    a_lone_block_of_zeros: one(&[file("a", ""), vec![0; 512], file("b", "")]) => ["damaged lone block"] ["/a"];
    an_unknown_type: one(&[entry("u", b'Q', b"", b"data"), file("b", "")]) => ["odd-entry type `Q` is unknown"] ["/b"];
    a_type_of_escape: one(&[entry("u", 0x1b, b"", b""), file("b", "")]) => [r"odd-entry type `\x1b`"] ["/b"];
    an_archive_of_v7: one(&[
        header(b"d/", 0, 0, |b| b[257..265].fill(0)),
        [header(b"d/f", 0, 1, |b| b[257..265].fill(0)), padded(b"x")].concat(),
    ]) => [] ["/d/f"];
    a_hole_of_a_terabyte: one(&[sparse("s", 1 << 40, 3, (1 << 40) + 3, b"abc"), file("a", "")]) =>
        ["limit (sparse_bytes)"] ["/a", "/s"];
    many_holes: vec![many(3000 / SCALE, |i| sparse(&format!("s{i}"), 1 << 20, 0, 1 << 20, b""))] => ["limit (sparse_bytes)"] ["…"];
    a_hole_past_64_bits: one(&[sparse("s", u64::MAX >> 1, 3, u64::MAX >> 1, b"abc")]) => ["damaged sparse map"] [];
    a_sparse_map_backwards: one(&[pax(b'x', &[("GNU.sparse.size", b"20"), ("GNU.sparse.map", b"10,1,5,2")]), file("s", "abc")]) =>
        ["damaged sparse map"] [];
    a_sparse_map_of_less: one(&[pax(b'x', &[("GNU.sparse.size", b"20"), ("GNU.sparse.map", b"0,2")]), file("s", "abc")]) =>
        ["damaged sparse map"] [];
    a_sparse_map_of_more: one(&[pax(b'x', &[("GNU.sparse.size", b"20"), ("GNU.sparse.map", b"0,4")]), file("s", "abc")]) =>
        ["damaged sparse map"] [];
    a_sparse_map_that_overflows: one(&[
        pax(b'x', &[("GNU.sparse.size", b"9223372036854775807"), ("GNU.sparse.map", b"0,9223372036854775807,9223372036854775807,9223372036854775807")]),
        file("s", "abc"),
    ]) => ["damaged sparse map"] [];
    a_sparse_file_of_version_1: one(&[sparse_1("1\n2\n3\n", 515, b"abc", "9"), file("b", "")]) => [] ["/b", "/s"];
    a_sparse_map_longer_than_its_file: one(&[sparse_1("1\n2\n3\n", 3, b"", "9"), file("b", "")]) => ["damaged sparse map"] [];
    a_sparse_map_of_too_many: one(&[sparse_1(&"9999999\n".repeat(200_000), 3 << 20, b"", "9")]) => ["limit (extension_bytes)"] [];
    two_million_entries: vec![many(2_000_000 / SCALE, |i| header(format!("{}/{i}", i % 999).as_bytes(), b'0', 0, |_| {}))] =>
        ["limit (plain_total)"] ["…"];
    two_layers_of_a_million: (0..2).map(|l| many(999_999 / SCALE, |i| header(format!("{l}/{}/{i}", i % 99).as_bytes(), b'0', 0, |_| {}))).collect() =>
        ["limit (plain_total)"] ["…"];
    the_same_path_a_million_times: vec![many(900_000 / SCALE, |_| header(b"a", b'0', 0, |_| {}))] => [] ["/a"];
    folders_without_end: vec![many(150_000 / SCALE, |i| file(format!("{i}{}", "/d".repeat(250)), ""))] => ["limit (tree_nodes)", "limit (name_bytes)"] ["…"];
    long_names_without_end: vec![many(60_000 / SCALE, |i| file(format!("{i}{}", "n".repeat(4000)), ""))] => ["limit (name_bytes)"] ["…"];
    unknown_types_without_end: vec![many(500_000 / SCALE, |_| header(b"u", b'Q', 0, |_| {}))] => ["odd-entry"] [];
    gaps_that_crowd_out_a_limit: vec![tar(&[
        (0..1500).flat_map(|i| entry(format!("u{i}"), b'Q', b"", b"")).collect(),
        header(b"p", b'x', 3 << 20, |_| {}),
    ])] => ["odd-entry", "limit (extension_bytes)"] [];
    a_file_below_a_file: one(&[file("a", ""), file("a/b/c", "")]) => [] ["/a/b/c"];
    a_folder_over_a_file_over_a_folder: vec![tar(&[dir("a"), file("a/b", "")]), tar(&[file("a", "")]), tar(&[dir("a"), file("a/c", "")])] =>
        [] ["/a/c"];
    a_path_that_is_there_twice: one(&[file("a", "1"), dir("a"), file("a/b", ""), file("a", "2")]) => [] ["/a"];
}
