//! Links that loop, fan out, lead outside or into thin air.

use crate::build::{dir, fifo, file, gzip_stream, hardlink, one, symlink, tar};
use crate::check::{SCALE, hostile};

/// Forty links of which each is walked many times over, and files below the last.
fn fan(files: usize) -> Vec<u8> {
    gzip_stream(|into| {
        let mut write = |bytes: Vec<u8>| into.write_all(&bytes).expect("in memory");
        write(dir("d"));
        (0..38).for_each(|i| write(symlink(format!("l{i}"), format!("{}l{}", "d/../".repeat(800), i + 1))));
        write(symlink("l38", "d"));
        (0..files).for_each(|i| write(file(format!("l0/{i}/f"), "")));
    })
}

hostile! {
    a_link_to_itself: one(&[symlink("a", "a"), file("a/b", "")]) => ["odd-entry (links_followed)"] [];
    links_in_a_ring: one(&[symlink("a", "b"), symlink("b", "a"), file("a/x", ""), file("c", "")]) => ["odd-entry (links_followed)"] ["/c"];
    a_link_below_itself: one(&[symlink("a", "a/b"), file("a/x", "")]) => ["odd-entry (links_followed)"] [];
    links_that_double: one(&(0..64).map(|i| symlink(format!("l{i}"), format!("l{0}/l{0}", i + 1))).chain([file("l0/x", "")]).collect::<Vec<_>>()) =>
        ["odd-entry (links_followed)"] [];
    links_that_fan_out: vec![fan(50_000 / SCALE)] => ["limit (link_steps)", "odd-entry"] ["…"];
    links_that_fan_out_below_a_package: vec![fan(0), tar(&[
        file("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1\n\n"),
        file("var/lib/dpkg/info/a.list", (0..300_000 / SCALE).map(|i| format!("/l0/{i}/f\n")).collect::<String>()),
    ])] => ["limit (link_steps)"] ["/var/lib/dpkg/info/a.list", "/var/lib/dpkg/status"];
    a_link_outside: one(&[symlink("a", "../../../../etc"), file("a/x", ""), dir("etc")]) => ["odd-entry lead nowhere"] [];
    a_link_outside_that_exists: one(&[dir("etc"), symlink("a", "../../../../etc"), file("a/x", "")]) => [] ["/etc/x"];
    a_dangling_link: one(&[symlink("a", "nowhere"), file("a/x", "")]) => ["odd-entry lead nowhere"] [];
    a_link_through_a_file: one(&[file("f", ""), dir("d"), symlink("a", "f/../d"), file("a/x", "")]) => ["odd-entry lead nowhere"] ["/f"];
    a_linked_parent_across_layers: vec![tar(&[dir("usr/lib"), symlink("lib", "usr/lib")]), tar(&[file("lib/x", "")])] => [] ["/usr/lib/x"];
    a_linked_parent_that_was_replaced: vec![tar(&[dir("u"), symlink("l", "u")]), tar(&[dir("l"), file("l/x", "")])] => [] ["/l/x"];
    a_hard_link_to_nothing: one(&[hardlink("a", "b"), file("c", "")]) => ["odd-entry where no file is"] ["/c"];
    a_hard_link_to_itself: one(&[hardlink("a", "a")]) => ["odd-entry where no file is"] [];
    hard_links_in_a_ring: one(&[hardlink("a", "b"), hardlink("b", "a")]) => ["odd-entry where no file is"] [];
    a_hard_link_forward: one(&[hardlink("a", "b"), file("b", "")]) => ["odd-entry where no file is"] ["/b"];
    a_hard_link_to_a_directory: one(&[dir("d"), hardlink("a", "d")]) => ["odd-entry where no file is"] [];
    a_hard_link_to_the_root: one(&[hardlink("a", "/")]) => ["odd-entry where no file is"] [];
    a_hard_link_outside: one(&[hardlink("a", "../../etc/passwd")]) => ["odd-entry leaves the image's root"] [];
    a_hard_link_to_a_fifo: one(&[fifo("p"), hardlink("a", "p")]) => [] [];
    a_hard_link_to_a_link: one(&[file("f", ""), symlink("s", "f"), hardlink("a", "s")]) => [] ["/f"];
    hard_links_in_a_chain: one(&[vec![file("h0", "x")], (1..2000).map(|i| hardlink(&format!("h{i}"), format!("h{}", i - 1))).collect()].concat()) =>
        [] ["…"];
    hard_links_to_nothing_without_end: vec![gzip_stream(|into| (0..300_000 / SCALE).for_each(|i| into.write_all(&hardlink(&format!("h{i}"), "no")).expect("in memory")))] =>
        ["odd-entry"] [];
    a_hard_link_to_what_this_layer_deletes: vec![tar(&[file("a", "x")]), tar(&[hardlink("b", "a"), file(".wh.a", "")])] => [] ["/b"];
}
