//! Every engine gives the same verdicts: random guardrails over random records, by the interpreter, by programs over columns
//! and by machine code.
//!
//! The programs are those of the law, the scenes are crowds, so that words of 64 resources begin and end inside of them.
//! `PARAPET_ENGINES_PROGRAMS` says how many programs are tried, `PARAPET_ENGINES_SEED` where the random numbers begin;
//! `cargo xtask fuzz-engines` runs many, optimised.

use jiff::Timestamp;
use parapet_driver::{Memory, Request, Said, Stats, Tier, prepare};
use parapet_model::Verdict;

use crate::generate::{self, RELATION};
use crate::random::Random;
use crate::records::crowd;
use crate::{on_a_large_stack, setting, tell};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// Sizes of crowds: few, about a word of a type, several words.
const CROWDS: [usize; 4] = [3, 40, 100, 200];

/// So many resources of a type are judged in every fifth program (or as `PARAPET_ENGINES_HUGE` says), by the guardrails that
/// look at no others.
const HUGE: usize = 1500;

/// From this size on guardrails that go through whole types inside of others are left out: each takes the cube of the crowd.
const LARGE: usize = 100;

/// What a run came to.
#[derive(Default)]
struct Tally {
    verdicts: u64,
    decided: u64,
    programs: u64,
    compiled: u64,
    asked: u64,
    /// Programs that judged many resources.
    huge: u64,
}

/// The program without the guardrails that name more than one whole type as a collection.
fn without_nesting(text: &str) -> String {
    let nests = |item: &str| item.starts_with("guardrail") && item.matches(" in AWS::").count() > 1;
    text.split("\n\n").filter(|item| !nests(item)).collect::<Vec<_>>().join("\n\n")
}

/// The program without the guardrails that go through whole types or along relations; `None` where none is left.
fn alone(text: &str) -> Option<String> {
    let goes_on = |item: &&str| {
        let is_guardrail = item.starts_with("guardrail") || item.contains("\nguardrail");
        is_guardrail && (item.contains(" in AWS::") || item.contains(RELATION))
    };
    let alone: Vec<&str> = text.split("\n\n").filter(|item| !goes_on(item)).collect();
    alone.iter().any(|item| item.contains("guardrail ")).then(|| alone.join("\n\n"))
}

fn try_program(seed: u64, tally: &mut Tally) {
    let mut random = Random::new(seed);
    let text = generate::program(&mut random);
    let most = CROWDS[random.below(CROWDS.len())];
    let most = if seed.is_multiple_of(setting("PARAPET_ENGINES_HUGE", 5)) { HUGE } else { most };
    let (most, text) = match (most, alone(&text)) {
        (HUGE, Some(text)) => (most, text),
        (HUGE, None) => (LARGE, without_nesting(&text)),
        _ if most < LARGE => (most, text),
        _ => (most, without_nesting(&text)),
    };
    tally.huge += u64::from(most == HUGE);
    let scene = crowd(&mut random, most);
    let files = [("main.parapet", text.clone()), ("in.ndjson", scene.ndjson())];
    let host = Memory::new(NOW).with(files.map(|(path, text)| (path.to_owned(), text)));
    let request = |tier: Tier| Request {
        rules: vec!["main.parapet".to_owned()],
        inputs: vec!["in.ndjson".to_owned()],
        keep_going: true,
        jobs: 2,
        tier,
        ..Request::at(NOW)
    };
    let prepared = prepare(&host, &request(Tier::Auto)).unwrap_or_else(|_| panic!("refused\n{text}"));
    let judged = |tier: Tier| -> (Vec<Said>, Stats) {
        prepared.verdicts(&host, &request(tier)).unwrap_or_else(|_| panic!("the run was refused\n{text}"))
    };
    let (meant, _) = judged(Tier::Interpreter);
    for tier in [Tier::Columns, Tier::Jit] {
        let (found, stats) = judged(tier);
        assert_eq!(meant.len(), found.len(), "seed {seed}\n{text}");
        for (meant, found) in meant.iter().zip(&found) {
            assert_eq!(meant, found, "seed {seed}, {tier:?}\n{text}\n{}", scene.ndjson());
        }
        tally.verdicts += found.len() as u64;
        tally.decided += found.iter().filter(|(.., verdict)| *verdict != Verdict::Unknown).count() as u64;
        tally.programs += stats.programs as u64;
        tally.compiled += stats.compiled as u64;
        tally.asked += stats.asked as u64;
    }
}

#[test]
fn every_engine_gives_the_same_verdicts() {
    on_a_large_stack(|| {
        let mut tally = Tally::default();
        let (programs, seed) = (setting("PARAPET_ENGINES_PROGRAMS", 10), setting("PARAPET_ENGINES_SEED", 1));
        for program in 0..programs {
            try_program(seed.wrapping_mul(7_000_003).wrapping_add(program), &mut tally);
        }
        let Tally { verdicts, decided, programs: ran, compiled, asked, huge } = tally;
        tell(&format!(
            "{programs} programs: {verdicts} verdicts compared, {decided} decided; {ran} guardrails over columns, \
             {compiled} of them compiled; they asked the interpreter {asked} times"
        ));
        assert!(verdicts >= 100 * programs, "only {verdicts} verdicts");
        assert!(decided * 4 >= verdicts, "only {decided} of {verdicts} verdicts are decided");
        assert!(huge > 0 || programs < 10, "no program judged many resources");
        assert!(compiled > 0 && ran > compiled, "{ran} programs, {compiled} compiled");
    });
}

/// What a run over several types, over accounts, and with nothing to judge comes to.
#[test]
fn an_empty_population_is_no_fault() {
    let host = Memory::new(NOW).with([
        (
            "main.parapet".to_owned(),
            "guardrail tagged(r: Resource) {\n    require r.tags[\"a\"] is present\n}\n".to_owned(),
        ),
        (
            "in.ndjson".to_owned(),
            "{\"$inventory\":{\"types\":[\"AWS::S3::Bucket\"],\"accounts\":[\"1\"]}}\n".to_owned(),
        ),
    ]);
    for tier in [Tier::Auto, Tier::Interpreter, Tier::Columns, Tier::Jit] {
        let request = Request {
            rules: vec!["main.parapet".to_owned()],
            inputs: vec!["in.ndjson".to_owned()],
            tier,
            ..Request::at(NOW)
        };
        let Ok(prepared) = prepare(&host, &request) else { panic!("refused") };
        let Ok((said, _)) = prepared.verdicts(&host, &request) else { panic!("refused") };
        assert_eq!(said, []);
    }
}
