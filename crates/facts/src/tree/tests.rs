use super::*;
use crate::testing::{Item, dir, file, hard, layer, link, opaque, white};

/// Squashes and lists what is visible, then what is hidden.
fn squash(layers: &[&[Item]]) -> String {
    let layers: Vec<LayerFacts> = layers.iter().map(|items| layer(items)).collect();
    let tree = Tree::squash(&layers, &Limits::default());
    let mut out: Vec<String> = tree.files().iter().map(|(p, v)| format!("{p}={}.{}", v.layer, v.entry)).collect();
    out.extend(tree.hidden().iter().map(|h| format!("-{}.{} by {} {:?}", h.layer, h.entry, h.by, h.how)));
    out.extend(
        tree.unknowns().iter().map(|u| format!("?{u}").split(" of layer").next().unwrap_or_default().to_owned()),
    );
    out.join(" | ")
}

#[test]
fn a_whiteout_hides_lower_layers_only() {
    let upper = [file("a"), white("a")];
    assert_eq!(squash(&[&[file("a")], &upper]), "/a=1.0 | -0.0 by 1 Deleted");
    assert_eq!(squash(&[&[file("d/a"), file("d/b")], &[white("d")]]), "-0.0 by 1 Deleted | -0.1 by 1 Deleted");
}

#[test]
fn an_opaque_folder_hides_whatever_its_place() {
    assert_eq!(squash(&[&[dir("d"), file("d/a")], &[file("d/b"), opaque("d")]]), "/d/b=1.0 | -0.1 by 1 Opaque");
    assert_eq!(squash(&[&[dir("d"), file("d/a")], &[opaque("d"), file("d/b")]]), "/d/b=1.1 | -0.1 by 1 Opaque");
}

#[test]
fn types_replace_each_other() {
    assert_eq!(squash(&[&[dir("d"), file("d/a")], &[file("d")]]), "/d=1.0 | -0.0 by 1 Replaced | -0.1 by 1 Replaced");
    assert_eq!(squash(&[&[file("d")], &[file("d/a")]]), "/d/a=1.0 | -0.0 by 1 Replaced");
    assert_eq!(
        squash(&[&[link("b", "usr/b"), file("usr/b/x")], &[dir("b"), file("b/y")]]),
        "/b/y=1.1 | /usr/b/x=0.1 | -0.0 by 1 Replaced"
    );
}

#[test]
fn parents_are_found_through_links() {
    assert_eq!(squash(&[&[dir("usr/b"), link("b", "usr/b")], &[file("b/x")]]), "/usr/b/x=1.0");
    assert_eq!(squash(&[&[dir("usr/b"), link("b", "/usr/b"), file("b/x")], &[white("b/x")]]), "-0.2 by 1 Deleted");
}

#[test]
fn hard_links_outlive_their_first_name() {
    assert_eq!(squash(&[&[file("a")], &[hard("b", "a"), white("a")]]), "/b=0.0 | -0.0 by 1 Deleted");
    assert!(squash(&[&[hard("b", "a")]]).contains("where no file is"));
    assert_eq!(squash(&[&[file("a"), hard("b", "a")], &[white("a")]]), "/b=0.0 | -0.0 by 1 Deleted");
    assert_eq!(squash(&[&[file("a"), hard("b", "a")], &[file("a")]]), "/a=1.0 | /b=0.0 | -0.0 by 1 Replaced");
}

#[test]
fn a_path_through_a_file_leads_nowhere() {
    let layers = [layer(&[file("f"), dir("d"), link("up", "f/../d"), link("slash", "f/"), link("empty", "")])];
    let tree = Tree::squash(&layers, &Limits::default());
    for path in ["up", "slash", "empty", "f/.", "f/../d"] {
        assert_eq!(tree.resolve(&layers, path.as_bytes()), None, "{path}");
    }
}

#[test]
fn links_that_fan_out_stop_at_the_limit() {
    let mut items: Vec<Item> = (0..30).map(|i| link(&format!("l{i}"), &"x/../".repeat(200))).collect();
    items.extend([dir("x"), file("l0/a/f"), file("l1/b/f")]);
    let layers = [layer(&items)];
    let roomy = Tree::squash(&layers, &Limits::default());
    assert_eq!((roomy.exhausted(), roomy.unknowns().len()), (None, 0));
    let tree = Tree::squash(&layers, &Limits { link_steps: 100, ..Limits::default() });
    assert!(tree.exhausted().unwrap().why.contains("(link_steps)"));
    assert_eq!(tree.unknowns().len(), 2);
}

#[test]
fn folders_that_no_entry_names_count_too() {
    let layers = [layer(&[file(&"d/".repeat(50)), file("z")])];
    let tree = Tree::squash(&layers, &Limits { tree_nodes: 20, ..Limits::default() });
    assert_eq!(tree.files(), []);
    assert!(tree.unknowns()[0].why.contains("(tree_nodes)"));
}

#[test]
fn a_link_that_becomes_a_folder_hides_nothing_behind_it() {
    let lower: &[Item] = &[dir("d"), file("d/a"), link("l", "d")];
    // Overlayfs marks a folder opaque that takes a link's place.
    assert_eq!(squash(&[lower, &[dir("l"), opaque("l"), file("l/b")]]), "/d/a=0.1 | /l/b=1.2 | -0.2 by 1 Replaced");
    assert!(squash(&[lower, &[opaque("l")]]).starts_with("/d/a=0.1 | ?odd-entry: an opaque whiteout of a link"));
    // The order of the archive would decide.
    for upper in [[white("l/a"), dir("l")], [dir("l"), white("l/a")]] {
        assert!(
            squash(&[lower, &upper]).contains("/d/a=0.1 | -0.2 by 1 Replaced | ?odd-entry: a whiteout below a link")
        );
    }
}

/// Seed 1329630505272515900 of the property about the place of a whiteout.
#[test]
fn a_whiteout_below_a_link_that_another_removes_is_told_in_either_order() {
    let lower: &[Item] = &[dir("d"), file("d/a"), dir("e"), link("e/l", "/d")];
    let odd = "?odd-entry: a whiteout below a link that its own layer replaces or removes";
    for (removed, shown) in [(white("e/l"), "-0.3 by 1 Deleted"), (opaque("e"), "-0.3 by 1 Opaque")] {
        for upper in [[white("e/l/a"), removed.clone()], [removed.clone(), white("e/l/a")]] {
            let ours = squash(&[lower, &upper]);
            assert!(ours.starts_with("/d/a=0.1 | ") && ours.contains(shown) && ours.contains(odd), "{ours}");
        }
    }
    let upper = [white("e"), white("e/l/a")];
    assert!(squash(&[lower, &upper]).contains(odd));
    // A link that stays is followed, and what is removed twice is gone in either order.
    for upper in [[white("e/l/a"), white("d")], [white("d"), white("e/l/a")]] {
        assert!(!squash(&[lower, &upper]).contains('?'));
    }
}

#[test]
fn loops_end() {
    assert!(squash(&[&[link("l", "l"), file("l/x")]]).contains("links_followed"));
    assert_eq!(squash(&[&[file("a"), file("a")]]), "/a=0.1 | -0.0 by 0 Replaced");
}
