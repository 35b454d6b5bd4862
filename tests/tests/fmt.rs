//! `fmt` on random programs and on every program of the repository: the text means what it meant, every comment is
//! there, and formatting once more changes nothing.
//!
//! The programs are random tokens of every construct in a random layout, with comments wherever they may stand.
//! `PARAPET_FMT_PROGRAMS` says how many are tried, `PARAPET_FMT_SEED` where the random numbers begin.
#![cfg(test)]

#[path = "fmt/generate.rs"]
mod generate;
#[path = "fmt/layout.rs"]
mod layout;
#[path = "fmt/pages.rs"]
mod pages;
#[path = "law/random.rs"]
mod random;
#[path = "fmt/repository.rs"]
mod repository;
#[path = "fmt/same.rs"]
mod same;
#[path = "fmt/strange.rs"]
mod strange;

use crate::layout::{Style, lay_out};
use crate::random::{Pick, Random};

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Expressions nest, and unoptimised frames are large.
fn on_a_large_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(256 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn random_programs_keep_their_meaning_and_their_comments() {
    on_a_large_stack(|| {
        let (programs, seed) = (setting("PARAPET_FMT_PROGRAMS", 60), setting("PARAPET_FMT_SEED", 1));
        let (mut tried, mut parsed) = (0, 0);
        for number in 0..programs {
            let mut random = Random::new(seed.wrapping_mul(1_000_003).wrapping_add(number));
            let program = generate::program(&mut random);
            let mut texts = Vec::new();
            for style in [Style::Tight, Style::Mixed, Style::Mixed, Style::Commented] {
                let laid = lay_out(&program, &mut random, style);
                tried += 1;
                if !same::parses(&laid.text) {
                    continue;
                }
                parsed += 1;
                let formatted = same::formatted(&laid.text).unwrap_or_else(|wrong| panic!("program {number}: {wrong}"));
                if let Err(wrong) = same::holds_in_order(&formatted, &laid.comments) {
                    panic!("program {number}: {wrong}\n--- before\n{}\n--- after\n{formatted}", laid.text);
                }
                if laid.comments.is_empty() && style == Style::Tight {
                    texts.push(formatted);
                }
            }
        }
        assert!(parsed * 10 >= tried * 8, "only {parsed} of {tried} programs parse");
    });
}

/// From the layout of the input come comments and empty lines; nothing else can be told from the output.
#[test]
fn the_layout_of_the_input_does_not_matter() {
    on_a_large_stack(|| {
        for number in 0..setting("PARAPET_FMT_PROGRAMS", 60) / 2 {
            let mut random = Random::new(setting("PARAPET_FMT_SEED", 1).wrapping_mul(7_919).wrapping_add(number));
            let program = generate::program(&mut random);
            let tight = lay_out(&program, &mut random, Style::Tight).text;
            if !same::parses(&tight) {
                continue;
            }
            let formatted = same::formatted(&tight).unwrap_or_else(|wrong| panic!("program {number}: {wrong}"));
            let spread = formatted.replace(" == ", "   ==\n  ").replace(", ", ",\n\n    ");
            if same::parses(&spread) && same::tree_texts(&spread) == same::tree_texts(&tight) {
                assert_eq!(parapet_syntax::format(&spread).text, formatted, "program {number}\n{spread}");
            }
        }
    });
}

/// Whatever a text is, what does not parse stays, and formatting again changes nothing.
#[test]
fn broken_programs_come_to_rest() {
    on_a_large_stack(|| {
        for number in 0..setting("PARAPET_FMT_PROGRAMS", 60) * 4 {
            let mut random = Random::new(setting("PARAPET_FMT_SEED", 1).wrapping_mul(104_729).wrapping_add(number));
            let program = generate::program(&mut random);
            let mut text = lay_out(&program, &mut random, Style::Mixed).text;
            for _ in 0..1 + random.below(4) {
                damage(&mut text, &mut random);
            }
            let once = parapet_syntax::format(&text);
            assert_eq!(once.faults, [], "program {number}\n{text}");
            let twice = parapet_syntax::format(&once.text);
            assert_eq!(once.text, twice.text, "program {number}\n--- before\n{text}");
            assert_eq!(once.errors.len(), twice.errors.len(), "program {number}\n--- before\n{text}");
        }
    });
}

/// Removes a few characters, or puts something where it may not belong.
fn damage(text: &mut String, random: &mut Random) {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    if places.is_empty() {
        return;
    }
    let from = *random.one_of(&places);
    if random.chance(1, 2) {
        let behind = places.iter().copied().find(|at| *at > from + random.below(5)).unwrap_or(text.len());
        text.replace_range(from..behind, "");
    } else {
        let texts = [
            "(",
            "}",
            "\"",
            "\n",
            "\n\n",
            "//",
            "\n/// x\n",
            "\n@a\n",
            ";",
            " or ",
            "\nfn ",
            "\r",
            "{",
            "\n  /// y\n",
            "\nx y\n",
        ];
        text.insert_str(from, random.one_of::<&str>(&texts));
    }
}
