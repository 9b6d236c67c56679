//! An image's layers as one page that needs nothing else: a treemap by layer and path, and the same in tables. No script,
//! no resource from elsewhere; whatever comes from the image is text.

use super::layers_text::sums;
use super::treemap::{Area, Node, Weights, squarified};
use crate::failure::Bytes;
use crate::ops::Anatomy;
use facts::Kind;
use model::escaped;
use practices::waste::culprit;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt::Write;

/// The plane of the map, in the units of its drawing.
const PLANE: Area = Area { x: 0.0, y: 0.0, width: 1200.0, height: 640.0 };
/// How many names of a path have an area of their own.
const DEPTH: usize = 4;
/// An area below this side shows nothing, and has nothing inside.
const SMALLEST: f64 = 3.0;
/// A heading needs this much.
const HEADING: f64 = 13.0;

const STYLE: &str = "\
:root{color-scheme:light dark;font:15px/1.45 system-ui,sans-serif}\
body{margin:2rem auto;max-width:76rem;padding:0 1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1.1rem;margin-top:2rem}\
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid #8884}\
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}code{font-size:.9em;overflow-wrap:anywhere}\
svg{width:100%;height:auto;background:#8881}svg text{font:10px system-ui,sans-serif;fill:#111;pointer-events:none}\
.l{fill:#cfd8dc;stroke:#fff}.s{fill:#9ccc9c;stroke:#fff}.d{fill:#e57373;stroke:#fff}.c{fill:#ffcc66;stroke:#fff}\
.key span{display:inline-block;width:.9em;height:.9em;margin:0 .3em 0 1em}.fail{color:#c62828}.pass{color:#2e7d32}";

/// The page.
pub(crate) fn write(anatomy: &Anatomy) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = page(&mut out, anatomy);
    out
}

/// Text for HTML and XML: harmless on a terminal, and no markup.
pub(super) fn text(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    for c in escaped(raw).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn page(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    let (image, facts) = (&anatomy.reading.image, &anatomy.reading.facts);
    let target = text(&image.target);
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    // Even if something were overlooked, nothing is fetched and nothing runs.
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>{target}: layers</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{target}</h1>")?;
    let subject = image.subject.map_or_else(String::new, |subject| format!("<code>{subject}</code>, "));
    let base = match &anatomy.base.known_by {
        Some(who) => format!("{} of them the base’s (by {})", anatomy.base.layers, text(who)),
        None => "base not known".to_owned(),
    };
    writeln!(
        out,
        "<p>{subject}{} layers, {base}, {}.</p>",
        facts.layers.len(),
        anatomy
            .reading
            .of_all(format!("{} of files seen", Bytes(facts.visible_bytes)))
            .unwrap_or_else(|| format!("{} of them could not be read", anatomy.reading.unread.len()))
    )?;
    verdict(out, anatomy)?;
    secrets(out, anatomy)?;
    map(out, anatomy)?;
    layers(out, anatomy)?;
    waste(out, anatomy)?;
    writeln!(out, "</body>\n</html>")
}

fn verdict(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    let totals = &anatomy.totals;
    writeln!(
        out,
        "<p><strong>{} wasted</strong> of {} of files{} ({:.1} %).",
        Bytes(totals.wasted),
        Bytes(totals.files),
        if anatomy.base.known_by.is_some() { " above the base" } else { "" },
        totals.percent()
    )?;
    if let Some(budget) = anatomy.budget {
        let word = anatomy.verdict().word();
        writeln!(out, "<strong class=\"{word}\">{word}</strong>: {} is allowed.", text(&budget.to_string()))?;
    }
    let blocked = anatomy.reading.facts.unknowns.iter().chain(&anatomy.reading.unknowns).filter(|u| u.kind.blocks());
    for unknown in blocked {
        writeln!(out, "<br><strong>Could not be read:</strong> {}", text(&unknown.to_string()))?;
    }
    writeln!(out, "</p>")
}

fn secrets(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    for found in &anatomy.secrets {
        let (message, proof, remedy) = (text(&found.message), text(&found.proof), text(&found.remedy));
        writeln!(out, "<p><strong class=\"fail\">Secret:</strong> {message}<br>{proof}<br>{remedy}</p>")?;
    }
    Ok(())
}

/// A tree of each layer's files.
fn trees(anatomy: &Anatomy) -> Vec<Node> {
    let wasted: HashMap<_, _> = anatomy.detail.wasted.iter().map(|w| (w.file, w.hidden_by.is_some())).collect();
    let tree = |(number, layer): (usize, &facts::LayerFacts)| {
        let mut root = Node::default();
        for (at, entry) in layer.entries.iter().enumerate().filter(|(_, e)| e.kind == Kind::File && e.size > 0) {
            let file = facts::Visible { layer: number as u32, entry: at as u32 };
            let size = entry.size;
            let weights = match wasted.get(&file) {
                None => Weights { seen: size, ..Weights::default() },
                Some(true) => Weights { dead: size, ..Weights::default() },
                Some(false) => Weights { spare: size, ..Weights::default() },
            };
            root.add(entry.path.as_bytes(), DEPTH, weights);
        }
        root
    };
    anatomy.detail.layers.iter().enumerate().map(tree).collect()
}

fn map(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    let trees = trees(anatomy);
    let mut order: Vec<usize> = (0..trees.len()).collect();
    order.sort_by_key(|layer| (Reverse(trees[*layer].weights.all()), *layer));
    let sizes: Vec<u64> = order.iter().map(|layer| trees[*layer].weights.all()).collect();
    writeln!(out, "<h2>Map</h2>\n<p class=\"key\">Bytes of files by layer and path:")?;
    writeln!(
        out,
        "<span style=\"background:#9ccc9c\"></span>seen<span style=\"background:#e57373\"></span>dead: a later layer hides it"
    )?;
    writeln!(
        out,
        "<span style=\"background:#ffcc66\"></span>spare: seen, and could be left out. The tables below say the same.</p>"
    )?;
    writeln!(
        out,
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"treemap of the layers\">",
        PLANE.width, PLANE.height
    )?;
    for (layer, area) in order.iter().zip(squarified(&sizes, PLANE)) {
        let (name, label) = (format!("layer {}", layer + 1), instruction(anatomy, *layer));
        let title = format!("{name}: {} {label}", Bytes(trees[*layer].weights.all()));
        frame(out, area, "l", &title, &format!("{} {label}", layer + 1))?;
        inside(out, &trees[*layer], area.inside(1.5, HEADING), "")?;
    }
    writeln!(out, "</svg>")
}

/// The areas of what is below a directory.
fn inside(out: &mut String, node: &Node, area: Area, above: &str) -> std::fmt::Result {
    if area.width < SMALLEST || area.height < SMALLEST {
        return Ok(());
    }
    let mut children: Vec<_> = node.children.iter().filter(|(_, child)| child.weights.all() > 0).collect();
    children.sort_by_key(|(name, child)| (Reverse(child.weights.all()), *name));
    let mut sizes: Vec<u64> = children.iter().map(|(_, child)| child.weights.all()).collect();
    // Files that are the directory's own fill the rest.
    sizes.push(node.weights.all().saturating_sub(sizes.iter().fold(0, |sum: u64, size| sum.saturating_add(*size))));
    for ((name, child), part) in children.iter().zip(squarified(&sizes, area)) {
        if part.width < SMALLEST || part.height < SMALLEST {
            continue;
        }
        let name = String::from_utf8_lossy(name);
        let path = format!("{above}/{name}");
        let weights = child.weights;
        let class = if weights.dead * 2 > weights.all() {
            "d"
        } else if weights.spare * 2 > weights.all() {
            "c"
        } else {
            "s"
        };
        let in_vain = match (weights.dead, weights.spare) {
            (0, 0) => String::new(),
            (dead, spare) => format!(" ({} dead, {} spare)", Bytes(dead), Bytes(spare)),
        };
        frame(out, part, class, &format!("{path}: {}{in_vain}", Bytes(weights.all())), &name)?;
        if !child.children.is_empty() {
            inside(out, child, part.inside(1.0, HEADING), &path)?;
        }
    }
    Ok(())
}

fn frame(out: &mut String, area: Area, class: &str, title: &str, label: &str) -> std::fmt::Result {
    let Area { x, y, width, height } = area;
    write!(
        out,
        "<g><title>{}</title><rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>",
        text(title)
    )?;
    // About six units a letter.
    let room = ((width - 4.0) / 6.0).max(0.0) as usize;
    if height > HEADING && room >= 3 {
        let label: String = label.chars().take(room).collect();
        write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 3.0, y + 10.5, text(&label))?;
    }
    writeln!(out, "</g>")
}

fn instruction(anatomy: &Anatomy, layer: usize) -> String {
    let Some(blame) = anatomy.lines.layers.get(layer) else { return String::new() };
    let line = blame.place.as_ref().map_or(String::new(), |place| format!("{}:{} ", place.path, place.line));
    format!("{line}{}", blame.text.as_deref().unwrap_or("(not stated)"))
}

fn layers(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    writeln!(
        out,
        "<h2>Layers</h2>\n<table>\n<thead><tr><th class=\"n\">layer</th><th class=\"n\">stored</th><th class=\"n\">plain</th>"
    )?;
    writeln!(
        out,
        "<th class=\"n\">added</th><th class=\"n\">changed</th><th class=\"n\">removed</th><th class=\"n\">dead</th><th class=\"n\">spare</th><th>instruction</th></tr></thead>\n<tbody>"
    )?;
    let (dead, spare) = sums(anatomy);
    for (number, summary) in anatomy.reading.facts.layers.iter().enumerate() {
        let stored = anatomy.reading.image.layers.get(number).and_then(|layer| layer.blob.as_ref());
        let stored = stored.map_or_else(|| "–".to_owned(), |blob| Bytes(blob.size).to_string());
        let changes = summary.changes;
        write!(out, "<tr><td class=\"n\">{}</td><td class=\"n\">{stored}</td>", number + 1)?;
        let bytes = |figure: u64| Bytes(figure).to_string();
        let figures = [
            bytes(summary.plain_size),
            changes.added.to_string(),
            changes.changed.to_string(),
            changes.removed.to_string(),
            bytes(dead[number]),
            bytes(spare[number]),
        ];
        for figure in figures {
            let figure = if anatomy.reading.is_read(number) { figure.as_str() } else { "?" };
            write!(out, "<td class=\"n\">{figure}</td>")?;
        }
        let base = if number < anatomy.base.layers { "base: " } else { "" };
        writeln!(out, "<td><code>{base}{}</code></td></tr>", text(&instruction(anatomy, number)))?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn waste(out: &mut String, anatomy: &Anatomy) -> std::fmt::Result {
    writeln!(
        out,
        "<h2>Waste</h2>\n<table>\n<thead><tr><th class=\"n\">bytes</th><th>cause</th><th class=\"n\">layer</th><th class=\"n\">hidden by</th>"
    )?;
    writeln!(out, "<th>instruction, largest files</th><th>what to do</th></tr></thead>\n<tbody>")?;
    for advice in &anatomy.advice {
        let Some(group) = anatomy.reading.facts.waste.get(advice.group) else { continue };
        let tool = group.tool.as_deref().map_or(String::new(), |tool| format!(" of {}", text(tool)));
        let by = group.hidden_by.map_or_else(|| "–".to_owned(), |by| (by + 1).to_string());
        write!(out, "<tr><td class=\"n\">{}</td><td>{}{tool}</td>", Bytes(group.bytes), group.cause.word())?;
        write!(out, "<td class=\"n\">{}</td><td class=\"n\">{by}</td>", group.layer + 1)?;
        write!(out, "<td><code>{}</code>", text(&instruction(anatomy, culprit(group, anatomy.base.layers) as usize)))?;
        for (path, size) in &group.largest {
            write!(out, "<br>{} <code>{}</code>", Bytes(*size), text(&path.to_string()))?;
        }
        let more = group.files.saturating_sub(group.largest.len() as u64);
        if more > 0 {
            write!(out, "<br>{more} more")?;
        }
        writeln!(out, "</td><td>{}</td></tr>", text(&advice.remedy))?;
    }
    writeln!(out, "</tbody>\n</table>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_an_image_is_markup() {
        assert_eq!(text("<script>'\"&\u{1b}[2J\u{202e}"), "&lt;script&gt;&#39;&quot;&amp;\\x1b[2J\\u{202e}");
    }
}
