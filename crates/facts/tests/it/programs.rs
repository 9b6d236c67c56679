//! Archives and programs that lie about what is in them.

use crate::build::{file, one, zip};
use crate::check::{SCALE, hostile};

/// A jar within a jar within a jar…
fn nested(depth: usize) -> Vec<u8> {
    let pom: &[u8] = b"groupId=g\nartifactId=inmost\nversion=1\n";
    let mut jar = zip(&[("META-INF/maven/g/inmost/pom.properties", pom)]);
    for i in 0..depth {
        jar = zip(&[(&format!("lib/n{i}-1.jar"), &jar)]);
    }
    jar
}

/// A stored zip of `count` members that all point at the same local header.
fn same_member(count: usize, name: &str, content: &[u8]) -> Vec<u8> {
    let local = [
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".as_slice(),
        &[0; 4],
        &(content.len() as u32).to_le_bytes(),
        &(content.len() as u32).to_le_bytes(),
        &(name.len() as u16).to_le_bytes(),
        &[0; 2],
        name.as_bytes(),
        content,
    ]
    .concat();
    let central = [
        b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0".as_slice(),
        &[0; 4],
        &(content.len() as u32).to_le_bytes(),
        &(content.len() as u32).to_le_bytes(),
        &(name.len() as u16).to_le_bytes(),
        &[0; 16],
        name.as_bytes(),
    ]
    .concat();
    let directory = central.repeat(count);
    let shown = count.min(65_535) as u16;
    let end = [
        b"PK\x05\x06\0\0\0\0".as_slice(),
        &shown.to_le_bytes(),
        &shown.to_le_bytes(),
        &(directory.len() as u32).to_le_bytes(),
        &(local.len() as u32).to_le_bytes(),
        &[0; 2],
    ]
    .concat();
    [local, directory, end].concat()
}

/// An ELF header with these section fields: offset, entry size, count, index of names.
fn elf(offset: u64, size: u16, count: u16, names: u16) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    out.extend([0; 16]);
    out.extend(offset.to_le_bytes());
    out.extend([0, 0, 0, 0, 64, 0, 56, 0, 0, 0]);
    [size, count, names].iter().for_each(|field| out.extend(field.to_le_bytes()));
    out.resize(4096, 0);
    out
}

/// The magic of Go's build information with what follows it.
fn go(after: &[u8]) -> Vec<u8> {
    let mut out = elf(0, 0, 0, 0);
    out.extend(b"\xff Go buildinf:");
    out.extend(after);
    out.resize(8192, 0);
    out
}

hostile! {
    jars_in_jars_in_jars: one(&[file("a.jar", nested(50))]) => ["limit (nesting)"] ["/a.jar"];
    a_jar_that_is_a_bomb: one(&[file("a-1.jar", zip(&[("META-INF/maven/g/a/pom.properties", &vec![b'a'; (600 << 20) / SCALE])]))]) =>
        ["limit inflates to more"] ["/a-1.jar"];
    a_manifest_that_is_a_bomb: one(&[file("a-1.jar", zip(&[("META-INF/MANIFEST.MF", &vec![b'a'; (600 << 20) / SCALE])]))]) =>
        [] ["/a-1.jar"];
    a_nested_jar_that_is_a_bomb: one(&[file("a-1.jar", zip(&[("b-1.jar", &zip(&[("c-1.jar", &vec![0; 300 << 20])]))]))]) =>
        ["limit"] ["/a-1.jar"];
    a_jar_of_many_members: one(&[file("a-1.jar", same_member(300_000, "x", b""))]) => ["limit (members)"] ["/a-1.jar"];
    members_that_overlap: one(&[file("a-1.jar", same_member(60_000 / SCALE, "META-INF/maven/g/a/pom.properties", b"groupId=g\nartifactId=a\nversion=1\n"))]) =>
        [] ["/a-1.jar"];
    nested_jars_that_overlap: one(&[file("a-1.jar", same_member(60_000 / SCALE, "b-1.jar", &zip(&[("x", &vec![0; 1 << 20])])))]) =>
        [] ["/a-1.jar"];
    a_jar_without_its_end: one(&[file("a-1.jar", &zip(&[("META-INF/MANIFEST.MF", b"x")])[..60])]) => [] ["/a-1.jar"];
    a_jar_of_its_magic: one(&[file("a-1.jar", b"PK\x03\x04")]) => [] ["/a-1.jar"];
    sections_outside_the_file: one(&[file("a", elf(u64::MAX - 63, 64, 9, 0))]) => [] ["/a"];
    sections_without_end: one(&[file("a", elf(64, 64, 65_535, 65_534))]) => [] ["/a"];
    sections_of_no_size: one(&[file("a", elf(64, 0, 65_535, 1))]) => [] ["/a"];
    sections_counted_in_the_first: one(&[file("a", elf(64, 64, 0, 0))]) => [] ["/a"];
    an_elf_of_its_magic: one(&[file("a", b"\x7fELF")]) => [] ["/a"];
    build_information_that_ends: one(&[file("a", go(&[8, 2]))]) => [] ["/a"];
    build_information_that_is_too_long: one(&[file("a", go(&[[8, 2].as_slice(), &[0; 16], &[0xff; 9], &[1]].concat()))]) => [] ["/a"];
    build_information_by_wild_pointers: one(&[file("a", go(&[[8, 0].as_slice(), &[0xf0; 16]].concat()))]) => [] ["/a"];
    build_information_many_times: one(&[file("a", [elf(0, 0, 0, 0), b"\xff Go buildinf:\x08\x02".repeat(1 << 20)].concat())]) => [] ["/a"];
}
