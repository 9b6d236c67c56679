//! Pairs of versions: real ones beside their neighbours, and real ones beside changed ones.

use model::VersionOrder;

/// `count` pairs, the same for the same real versions.
pub(super) fn make(order: VersionOrder, real: &[&str], count: usize) -> Vec<(String, String)> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut pairs = Vec::with_capacity(count);
    while pairs.len() < count && !real.is_empty() {
        let at = dice.below(real.len());
        let one = real[at].to_owned();
        let near = real[(at + 1 + dice.below(4)) % real.len()];
        let other = match dice.below(5) {
            0 => near.to_owned(),
            1 => real[dice.below(real.len())].to_owned(),
            2 => changed(order, near, &mut dice),
            _ => changed(order, &one, &mut dice),
        };
        let one = if dice.below(4) == 0 { changed(order, &one, &mut dice) } else { one };
        let one = if other.starts_with("go1") { toolchain(&mut dice) } else { one };
        // Shells read the pairs line by line, so blanks at the ends would be lost; a dash in front is an option.
        let whole = |text: &str| {
            !text.is_empty() && text.trim() == text && !text.contains(['\t', '\\']) && !text.starts_with('-')
        };
        // A toolchain is never compared with a module.
        let alike = one.starts_with("go") == other.starts_with("go");
        if whole(&one) && whole(&other) && alike {
            pairs.push((one, other));
        }
    }
    pairs
}

/// What each order's grammar has besides numbers and dots.
fn pieces(order: VersionOrder) -> &'static [&'static str] {
    match order {
        VersionOrder::Dpkg => &["~", "~rc1", "~~", "+deb12u1", "+b1", "-1", "-0", "a", "+", ".", "~bpo12+1", "z", "0"],
        VersionOrder::Rpm => &["~rc1", "^git1", "~", "^", "-1", ".el9", ".fc40", "a", "_", "..", "+", "01", "-1.1"],
        VersionOrder::Apk => {
            &["_rc1", "_alpha", "_beta2", "_pre", "_p1", "_git20240101", "-r0", "-r10", "a", ".0", ".05", "_cvs", "00"]
        }
        VersionOrder::Pacman => &["rc1", "alpha", ".a", "-1", "-2.1", "+r12", "..", "_", "a", "0", ".r3.gabc"],
        VersionOrder::Npm | VersionOrder::Cargo => {
            &["-alpha", "-alpha.1", "-0", "-rc.10", "-x.7.z", "+build", "-01", "-beta-2", ".1", "-1a"]
        }
        VersionOrder::Python => &[
            "a1", "b2", "rc1", ".dev3", ".post1", "-1", "+local.7", "-r4", "c2", ".0", "-alpha", "preview2", "_final",
            "d", "-x-y",
        ],
        VersionOrder::Maven => &[
            "-alpha-1",
            "-beta2",
            "-SNAPSHOT",
            ".Final",
            ".GA",
            "-rc1",
            "-cr2",
            "-sp",
            ".x",
            "-1",
            "a1",
            "m3",
            ".0",
            "-foo",
            ".RELEASE",
            "--1",
            "-jre",
            "+b",
        ],
        VersionOrder::Gem => &[".pre", ".rc1", ".a", "-1", "-x.2", ".0", "b2", ".beta.3", "-alpha-2", ".00"],
        VersionOrder::Composer => &[
            "-dev", "-alpha1", "-beta.2", "RC3", "-p1", "-patch2", "pl4", ".x-dev", "+build", "@beta", "-stable", ".0",
            "-RC-1", "_b", "-a.1-dev",
        ],
        VersionOrder::Go => &[
            "-0.20240102150405-abcdef012345",
            "+incompatible",
            "-rc.1",
            "-alpha",
            "-pre.0",
            "-0",
            "+meta",
            ".1",
            "-01",
        ],
        VersionOrder::Nuget | VersionOrder::Generic => &["-beta", ".1", "a", "rc1"],
    }
}

fn changed(order: VersionOrder, text: &str, dice: &mut Dice) -> String {
    let once = change(order, text, dice);
    if dice.below(3) == 0 { change(order, &once, dice) } else { once }
}

fn change(order: VersionOrder, text: &str, dice: &mut Dice) -> String {
    if order == VersionOrder::Go && dice.below(8) == 0 {
        return toolchain(dice);
    }
    let list = pieces(order);
    let piece = list[dice.below(list.len())];
    match dice.below(8) {
        0 | 1 => format!("{text}{piece}"),
        2 => number(text, dice, |n| (n + 1).to_string()),
        3 => number(text, dice, |n| n.saturating_sub(1).to_string()),
        4 => number(text, dice, |n| format!("0{n}")),
        5 => without_part(text, dice),
        6 => inserted(text, piece, dice),
        _ => match order {
            VersionOrder::Dpkg | VersionOrder::Rpm | VersionOrder::Pacman => format!("{}:{text}", dice.below(3)),
            VersionOrder::Python => format!("{}!{text}", dice.below(3)),
            VersionOrder::Npm | VersionOrder::Go | VersionOrder::Composer => format!("v{text}"),
            _ => format!("{text}.{}", dice.below(12)),
        },
    }
}

fn toolchain(dice: &mut Dice) -> String {
    let tail = ["", ".0", ".1", "rc1", "rc2", "beta1", ".13"][dice.below(7)];
    format!("go1.{}{tail}", dice.below(26))
}

/// One run of digits, changed.
fn number(text: &str, dice: &mut Dice, change: impl Fn(u64) -> String) -> String {
    let starts: Vec<usize> = text
        .char_indices()
        .filter(|&(i, c)| c.is_ascii_digit() && !ends_in_digit(&text[..i]))
        .map(|(i, _)| i)
        .collect();
    if starts.is_empty() {
        return text.to_owned();
    }
    let start = starts[dice.below(starts.len())];
    let length = text[start..].bytes().take_while(u8::is_ascii_digit).count();
    match text[start..start + length].parse() {
        Ok(n) => format!("{}{}{}", &text[..start], change(n), &text[start + length..]),
        Err(_) => text.to_owned(),
    }
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

fn without_part(text: &str, dice: &mut Dice) -> String {
    let mut parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 1 {
        parts.remove(dice.below(parts.len()));
    }
    parts.join(".")
}

fn inserted(text: &str, piece: &str, dice: &mut Dice) -> String {
    let places: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    match places.get(dice.below(places.len().max(1))) {
        Some(&at) => format!("{}{piece}{}", &text[..at], &text[at..]),
        None => piece.to_owned(),
    }
}

/// Numbers that look random and are always the same (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}
