use super::*;

/// Walks `bytes` and lists every entry: name, type, size and the sum of its content's bytes.
fn walk(bytes: &[u8]) -> String {
    let mut walker = Walker::new(bytes, &Limits::default());
    let mut out = Vec::new();
    loop {
        match walker.next_entry() {
            Ok(None) => break,
            Ok(Some(h)) => {
                let (mut count, mut sum) = (0_u64, 0_u64);
                let read = walker.content(|piece| {
                    count += piece.len() as u64;
                    sum += piece.iter().map(|&b| u64::from(b)).sum::<u64>();
                });
                out.push(format!("{} {:?} {} {count}/{sum}", String::from_utf8_lossy(&h.name), h.kind, h.size));
                if let Err(e) = read {
                    out.push(e.to_string());
                    break;
                }
            }
            Err(e) => {
                out.push(e.to_string());
                break;
            }
        }
    }
    out.join("; ")
}

fn header(name: &str, kind: u8, size: &[u8], edit: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut block = [0_u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..124 + size.len()].copy_from_slice(size);
    block[156] = kind;
    block[257..263].copy_from_slice(b"ustar\0");
    edit(&mut block);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|&b| u32::from(b)).sum();
    block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
    block[154] = 0;
    block.to_vec()
}

fn padded(data: &[u8]) -> Vec<u8> {
    let mut out = data.to_vec();
    out.resize(data.len().next_multiple_of(512), 0);
    out
}

fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (key, value) in records {
        let rest = format!(" {key}={value}\n");
        let mut length = rest.len() + 1;
        while format!("{length}{rest}").len() != length {
            length += 1;
        }
        body.extend(format!("{length}{rest}").into_bytes());
    }
    [header("pax", b'x', format!("{:011o}", body.len()).as_bytes(), |_| {}), padded(&body)].concat()
}

#[test]
fn plain_entries() {
    let bytes =
        [header("a", b'0', b"00000000003", |_| {}), padded(b"abc"), header("d/", 0, b"", |_| {}), vec![0; 1024]]
            .concat();
    assert_eq!(walk(&bytes), "a File 3 3/294; d/ Directory 0 0/0");
}

/// Each of these once showed another file than Go's reader, and so Docker, extracts.
#[test]
fn the_name_is_the_one_that_go_extracts() {
    let check = |blocks: &[Vec<u8>], expected: &str| assert_eq!(walk(&blocks.concat()), expected);
    let file = |name: &str| header(name, b'0', b"", |_| {});
    let long = |name: &str| {
        [
            header("L", b'L', format!("{:011o}", name.len() + 1).as_bytes(), |_| {}),
            padded(format!("{name}\0").as_bytes()),
        ]
        .concat()
    };
    let global = |records: &[(&str, &str)]| {
        let mut bytes = pax(records);
        bytes[156] = b'g';
        bytes[148..156].fill(b' ');
        let sum: u32 = bytes[..512].iter().map(|&b| u32::from(b)).sum();
        bytes[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        bytes[154] = 0;
        bytes
    };
    // Go never applies global records, and they end what was said of the next entry.
    check(&[global(&[("path", "evil")]), file("a")], "pax PaxGlobal 0 0/0; a File 0 0/0");
    check(&[pax(&[("path", "evil")]), global(&[]), file("a")], "pax PaxGlobal 0 0/0; a File 0 0/0");
    // The last `x` header stands alone.
    check(&[pax(&[("path", "evil")]), pax(&[("mtime", "1")]), file("a")], "a File 0 0/0");
    // GNU long names win, in any order, unless they are empty.
    check(&[long("good"), pax(&[("path", "evil")]), file("a")], "good File 0 0/0");
    check(&[long(""), file("a")], "a File 0 0/0");
    // A sparse name counts only for a sparse file.
    check(&[pax(&[("GNU.sparse.name", "evil")]), file("a")], "a File 0 0/0");
    check(&[pax(&[("GNU.sparse.name", "evil"), ("GNU.sparse.major", "2")]), file("a")], "a File 0 0/0");
    // A slash makes a directory only of the oldest type letter.
    check(&[file("d/")], "d/ File 0 0/0");
    // A prefix where GNU keeps its times, if those are no numbers.
    let buggy = header("a", b'0', b"", |b| {
        b[257..265].copy_from_slice(b"ustar  \0");
        b[345..349].copy_from_slice(b"etc\0");
    });
    check(&[buggy], "etc/a File 0 0/0");
    let gnu = header("a", b'0', b"", |b| {
        b[257..265].copy_from_slice(b"ustar  \0");
        b[345..349].copy_from_slice(b"0123");
    });
    check(&[gnu], "a File 0 0/0");
    let star = header("a", b'0', b"", |b| {
        b[345..476].fill(b'p');
        b[476..487].copy_from_slice(b"00000000000");
        b[508..512].copy_from_slice(b"tar\0");
    });
    check(&[star], &format!("{}/a File 0 0/0", "p".repeat(131)));
}

#[test]
fn a_lone_block_of_zeros_is_no_end_mark() {
    let bytes = [header("a", b'0', b"", |_| {}), vec![0; 512], header("b", b'0', b"", |_| {})].concat();
    assert_eq!(walk(&bytes), "a File 0 0/0; a lone block of zeros stands between entries");
}

#[test]
fn numbers_with_nuls_before_them() {
    let bytes = [header("a", b'0', b"\0 000000003", |_| {}), padded(b"abc")].concat();
    assert_eq!(walk(&bytes), "a File 3 3/294");
    assert!(walk(&header("a", b'0', b"\t0000000003", |_| {})).contains("size is not a number"));
}

#[test]
fn a_sparse_file_shows_its_head() {
    let p01 = pax(&[("GNU.sparse.size", "20"), ("GNU.sparse.map", "2,3"), ("GNU.sparse.name", "s")]);
    let bytes = [p01, header("x", b'0', b"00000000003", |_| {}), padded(b"abc")].concat();
    let mut walker = Walker::new(bytes.as_slice(), &Limits::default());
    walker.next_entry().unwrap();
    let mut head = [9; 4];
    assert_eq!(walker.head(&mut head).unwrap(), 4);
    assert_eq!(&head, b"\0\0ab");
    let mut rest = Vec::new();
    walker.content(|piece| rest.extend_from_slice(piece)).unwrap();
    assert_eq!(rest, [b"c".as_slice(), &[0; 15]].concat());
}

#[test]
fn ends_anywhere() {
    let bytes = [header("a", b'0', b"00000000003", |_| {}), padded(b"abc")].concat();
    assert_eq!(walk(&bytes), "a File 3 3/294");
    assert_eq!(walk(&bytes[..514]), "a File 3 2/195; the archive ends inside an entry");
    assert_eq!(walk(&bytes[..100]), "the archive ends inside an entry");
}

#[test]
fn pax_size_rules_as_in_go() {
    let bytes = [
        pax(&[("size", "3"), ("path", "long/name")]),
        header("short", b'0', b"00000000000", |_| {}),
        padded(b"abc"),
        vec![0; 512],
    ];
    assert_eq!(walk(&bytes.concat()), "long/name File 3 3/294");
    let link = [header("l", b'1', b"00000001000", |_| {}), header("b", b'0', b"", |_| {})].concat();
    assert_eq!(walk(&link), "l HardLink 0 0/0; b File 0 0/0");
}

#[test]
fn gnu_long_names() {
    let name = "n".repeat(300);
    let bytes = [
        header("././@LongLink", b'L', b"00000000455", |_| {}),
        padded(format!("{name}\0").as_bytes()),
        header("n", b'0', b"", |_| {}),
    ];
    assert_eq!(walk(&bytes.concat()), format!("{name} File 0 0/0"));
}

#[test]
fn numbers_that_cannot_be() {
    assert_eq!(walk(&header("a", b'0', b"99999999999", |_| {})), "an entry's size is not a number that can be");
    assert_eq!(walk(&header("a", b'0', &[0xff; 12], |_| {})), "an entry's size is not a number that can be");
    let big = header("a", b'0', &[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3], |_| {});
    assert_eq!(walk(&[big, padded(b"abc")].concat()), "a File 3 3/294");
    let mut bad = header("a", b'0', b"", |_| {});
    bad[0] = b'b';
    assert_eq!(walk(&bad), "an entry's header has a wrong checksum");
}

#[test]
fn sparse_in_three_formats() {
    let gnu = header("s", b'S', b"00000000003", |b| {
        b[257..265].copy_from_slice(b"ustar  \0");
        b[386..397].copy_from_slice(b"00000000012");
        b[398..409].copy_from_slice(b"00000000003");
        b[483..494].copy_from_slice(b"00000000024");
    });
    assert_eq!(walk(&[gnu, padded(b"abc")].concat()), "s File 20 20/294");
    let p01 = pax(&[("GNU.sparse.size", "20"), ("GNU.sparse.map", "10,3"), ("GNU.sparse.name", "s")]);
    assert_eq!(walk(&[p01, header("x", b'0', b"00000000003", |_| {}), padded(b"abc")].concat()), "s File 20 20/294");
    let p10 = pax(&[
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "s"),
        ("GNU.sparse.realsize", "20"),
    ]);
    let data = [padded(b"1\n10\n3\n"), padded(b"abc")].concat();
    assert_eq!(walk(&[p10, header("x", b'0', b"00000001003", |_| {}), data].concat()), "s File 20 20/294");
}

#[test]
fn a_sparse_map_that_lies_is_refused() {
    for map in ["10,4", "10,3,5,0", "18,3", "1", "a,b"] {
        let p = pax(&[("GNU.sparse.size", "20"), ("GNU.sparse.map", map)]);
        let got = walk(&[p, header("x", b'0', b"00000000003", |_| {}), padded(b"abc")].concat());
        assert_eq!(got, "an entry's sparse map is malformed", "{map}");
    }
}

#[test]
fn malformed_records_stop_the_walk() {
    for body in ["5 a=b", "99 path=x\n", "x path=y\n", "8 pathx\n"] {
        let size = format!("{:011o}", body.len());
        let bytes = [header("p", b'x', size.as_bytes(), |_| {}), padded(body.as_bytes())].concat();
        assert_eq!(walk(&bytes), "an entry's PAX records are malformed", "{body}");
    }
    assert!(walk(&header("p", b'x', b"77777777777", |_| {})).contains("extension_bytes"));
}

#[test]
fn reads_what_the_tar_crate_writes() {
    let mut builder = ::tar::Builder::new(Vec::new());
    for (name, content) in [("a".repeat(250), "x"), ("b/c".into(), ""), ("ü".into(), "yy")] {
        let mut h = ::tar::Header::new_gnu();
        h.set_size(content.len() as u64);
        h.set_mode(0o644);
        builder.append_data(&mut h, &name, content.as_bytes()).unwrap();
    }
    let bytes = builder.into_inner().unwrap();
    assert_eq!(walk(&bytes), format!("{} File 1 1/120; b/c File 0 0/0; ü File 2 2/242", "a".repeat(250)));
}
