use super::*;
use crate::image::ImageFacts;
use crate::limits::Limits;
use crate::testing::{Item, dir, file, hard, layer, link, opaque, white};

/// What every file of the pattern weighs: 20 MiB.
const F: u64 = 20_971_520;

/// A file with a content of this name, and this mode.
fn of(at: &str, content: &'static str, mode: u32) -> (Item, Option<(&'static str, u32)>) {
    (file(at), Some((content, mode)))
}

fn plain(item: Item) -> (Item, Option<(&'static str, u32)>) {
    (item, None)
}

type Made = (Item, Option<(&'static str, u32)>);

fn facts_of(layers: &[Vec<Made>]) -> Vec<LayerFacts> {
    let one = |made: &Vec<Made>| {
        let items: Vec<Item> = made.iter().map(|(item, _)| item.clone()).collect();
        let mut facts = layer(&items);
        for (entry, (_, content)) in facts.entries.iter_mut().zip(made) {
            if let Some((content, mode)) = content {
                (entry.size, entry.mode, entry.sha256) = (F, *mode, Some(Sha256::of(content.as_bytes())));
            }
        }
        facts
    };
    layers.iter().map(one).collect()
}

fn image(layers: &[Vec<Made>]) -> ImageFacts {
    crate::assemble(&facts_of(layers), Vec::new(), &Limits::default())
}

/// Each group on a line: layers from 1.
fn said(layers: &[Vec<Made>]) -> String {
    let line = |group: &WasteGroup| {
        let hidden = group.hidden_by.map_or("visible".to_owned(), |by| format!("hidden by {}", by + 1));
        let tool = group.tool.as_deref().map_or(String::new(), |tool| format!(" ({tool})"));
        let (cause, layer) = (group.cause.word(), group.layer + 1);
        let names: Vec<String> = group.largest.iter().map(|(path, _)| path.to_string()).collect();
        format!("{cause}{tool} layer {layer}, {hidden}: {} in {}", group.bytes, names.join(" "))
    };
    image(layers).waste.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn made() -> Vec<Made> {
    vec![plain(dir("opt/dir")), of("opt/dir/f", "f", 0o644)]
}

#[test]
fn a_later_rm() {
    let expected = format!("deleted layer 1, hidden by 2: {F} in /opt/dir/f");
    assert_eq!(said(&[made(), vec![plain(white("opt/dir"))]]), expected);
    assert_eq!(said(&[made(), vec![plain(white("opt/dir/f"))]]), expected);
}

#[test]
fn an_emptied_and_refilled_directory() {
    let again = vec![plain(dir("opt/dir")), plain(opaque("opt/dir")), plain(file("opt/dir/y"))];
    assert_eq!(said(&[made(), again]), format!("deleted layer 1, hidden by 2: {F} in /opt/dir/f"));
    let same = vec![plain(opaque("opt/dir")), of("opt/dir/f", "f", 0o644)];
    assert_eq!(said(&[made(), same]), format!("metadata-only layer 1, hidden by 2: {F} in /opt/dir/f"));
    let other = vec![plain(opaque("opt/dir")), of("opt/dir/f", "g", 0o644)];
    assert_eq!(said(&[made(), other]), format!("overwritten layer 1, hidden by 2: {F} in /opt/dir/f"));
}

#[test]
fn a_moved_directory_and_file() {
    let moved = vec![plain(white("opt/dir")), plain(dir("opt/dir2")), of("opt/dir2/f", "f", 0o644)];
    assert_eq!(said(&[made(), moved]), format!("moved layer 1, hidden by 2: {F} in /opt/dir/f"));
    let backed_up = vec![of("opt/dir/f", "new", 0o644), of("opt/dir/f.old", "f", 0o644)];
    assert_eq!(said(&[made(), backed_up]), format!("moved layer 1, hidden by 2: {F} in /opt/dir/f"));
}

#[test]
fn the_same_content_at_another_path() {
    let copied = format!("copied layer 2, visible: {F} in /g");
    assert_eq!(said(&[vec![of("f", "f", 0o644)], vec![of("g", "f", 0o644)]]), copied);
    // In one layer it is its author's business, and a hard link is no copy.
    assert_eq!(said(&[vec![of("f", "f", 0o644), of("g", "f", 0o644)]]), "");
    assert_eq!(said(&[vec![of("f", "f", 0o644)], vec![plain(hard("g", "f"))]]), "");
}

#[test]
fn a_change_of_mode_owner_or_time() {
    let expected = format!("metadata-only layer 1, hidden by 2: {F} in /opt/dir/f");
    assert_eq!(said(&[made(), vec![of("opt/dir/f", "f", 0o755)]]), expected);
    assert_eq!(said(&[made(), vec![of("opt/dir/f", "f", 0o644)]]), expected);
    // Twice changed is twice stored in vain.
    let twice = [made(), vec![of("opt/dir/f", "f", 0o755)], vec![of("opt/dir/f", "f", 0o700)]];
    assert_eq!(image(&twice).waste.iter().map(|group| group.bytes).sum::<u64>(), 2 * F);
}

#[test]
fn other_content() {
    let expected = format!("overwritten layer 1, hidden by 2: {F} in /opt/dir/f");
    assert_eq!(said(&[made(), vec![of("opt/dir/f", "g", 0o644)]]), expected);
    assert_eq!(said(&[made(), vec![of("opt/dir", "g", 0o644)]]), expected);
}

#[test]
fn a_package_database() {
    let status = |content| vec![of("var/lib/dpkg/status", content, 0o644)];
    let expected = format!("package-database layer 1, hidden by 2: {F} in /var/lib/dpkg/status");
    assert_eq!(said(&[status("1"), status("2")]), expected);
    // apt keeps the one before: that is no move of ours.
    let mut kept = status("2");
    kept.push(of("var/lib/dpkg/status-old", "1", 0o644));
    assert_eq!(said(&[status("1"), kept]), expected);
    assert_eq!(said(&[status("1"), status("1")]), expected);
    let info = |name, content| vec![of(name, content, 0o644)];
    assert_eq!(said(&[info("var/lib/dpkg/info/a.triggers", "t"), info("var/lib/dpkg/info/b.triggers", "t")]), "");
    assert!(is_database(b"var/log/dnf.librepo.log") && !is_database(b"var/log/dnfx"));
}

#[test]
fn a_cache_seen_and_hidden() {
    let lists = vec![of("var/lib/apt/lists/a", "a", 0o644)];
    assert_eq!(
        said(std::slice::from_ref(&lists)),
        format!("package-cache (apt) layer 1, visible: {F} in /var/lib/apt/lists/a")
    );
    assert_eq!(
        said(&[lists, vec![plain(white("var/lib/apt/lists"))]]),
        format!("package-cache (apt) layer 1, hidden by 2: {F} in /var/lib/apt/lists/a")
    );
}

#[test]
fn a_repository_that_came_along() {
    let expected = format!("repository layer 1, visible: {F} in /app/.git/pack");
    assert_eq!(
        said(&[vec![of("app/.git/pack", "p", 0o644), of("app/x.git/y", "y", 0o644), of("app/.gitignore", "i", 0o644)]]),
        expected
    );
    assert_eq!(said(&[vec![of(".git/pack", "p", 0o644)]]), format!("repository layer 1, visible: {F} in /.git/pack"));
    let gone = [vec![of("app/.git/pack", "p", 0o644)], vec![plain(white("app/.git"))]];
    assert_eq!(said(&gone), format!("deleted layer 1, hidden by 2: {F} in /app/.git/pack"));
}

#[test]
fn a_secret_that_was_removed() {
    let mut layers = facts_of(&[vec![of("root/.ssh/id_rsa", "k", 0o600)], vec![plain(white("root/.ssh/id_rsa"))]]);
    layers[0].entries[0].nature = crate::entry::Nature::PrivateKey;
    let facts = crate::assemble(&layers, Vec::new(), &Limits::default());
    assert_eq!(facts.waste[0].cause, Cause::Secret);
    assert_eq!((facts.waste[0].bytes, facts.waste.len()), (F, 1));
}

#[test]
fn hard_links_count_once_and_only_when_the_last_name_is_gone() {
    let linked = || vec![of("a", "f", 0o644), plain(hard("b", "a"))];
    assert_eq!(said(&[linked(), vec![plain(white("b"))]]), "");
    assert_eq!(said(&[linked(), vec![plain(white("a"))]]), "");
    let both = [linked(), vec![plain(white("b"))], vec![plain(white("a"))]];
    assert_eq!(said(&both), format!("deleted layer 1, hidden by 3: {F} in /a"));
}

#[test]
fn names_behind_links_are_the_same_file() {
    let base = vec![plain(dir("usr/bin")), plain(link("bin", "usr/bin")), of("usr/bin/x", "f", 0o644)];
    let expected = format!("metadata-only layer 1, hidden by 2: {F} in /usr/bin/x");
    assert_eq!(said(&[base, vec![of("bin/x", "f", 0o755)]]), expected);
}

#[test]
fn dead_bytes_are_the_summaries_hidden_bytes() {
    let layers = [
        vec![of("a", "1", 0o644), of("d/b", "2", 0o644), plain(hard("c", "a")), of("d/e", "1", 0o644)],
        vec![of("a", "1", 0o600), plain(white("d"))],
        vec![plain(white("c")), plain(opaque("d")), of("d/b", "3", 0o644), of("d/b", "4", 0o644)],
    ];
    let facts = image(&layers);
    for (number, summary) in facts.layers.iter().enumerate() {
        let dead = facts.waste.iter().filter(|g| g.layer == number as u32 && g.hidden_by.is_some());
        assert_eq!(dead.map(|g| g.bytes).sum::<u64>(), summary.hidden_bytes, "layer {}", number + 1);
    }
}

#[test]
fn what_a_layer_changes() {
    let shown = |layers: &[Vec<Made>]| {
        let one = |l: &crate::image::LayerSummary| {
            format!("+{} ~{} -{}", l.changes.added, l.changes.changed, l.changes.removed)
        };
        image(layers).layers.iter().map(one).collect::<Vec<_>>().join(", ")
    };
    let second = vec![of("opt/dir/f", "g", 0o644), of("new", "n", 0o644), plain(link("l", "new"))];
    assert_eq!(shown(&[made(), second, vec![plain(white("opt/dir"))]]), "+1 ~0 -0, +2 ~1 -0, +0 ~0 -1");
    let refilled = vec![plain(opaque("opt/dir")), of("opt/dir/f", "g", 0o644), of("opt/dir/g", "g", 0o644)];
    assert_eq!(shown(&[made(), refilled]), "+1 ~0 -0, +1 ~1 -0");
}
