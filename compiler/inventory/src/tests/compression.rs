//! gzip and zstd.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::{attempt, kept};

fn records(count: usize) -> String {
    (0..count)
        .map(|at| {
            format!("{{\"type\": \"AWS::EC2::VPC\", \"id\": \"v{at}\", \"properties\": {{\"n\": {}}}}}\n", at * 7919)
        })
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn both_are_recognised_and_read() {
    for bytes in [gzip(&records(500)), zstd::encode_all(records(500).as_bytes(), 3).unwrap()] {
        let (kept, summary) = attempt(&bytes, None);
        assert_eq!((kept.records.len(), kept.skips.len()), (500, 0));
        assert_eq!(summary.unwrap().bytes, records(500).len() as u64);
    }
}

#[test]
fn members_and_frames_follow_each_other() {
    let members = [gzip(&records(2)), gzip(&records(3))].concat();
    assert_eq!(kept(members).records.len(), 5);
    let frames =
        [zstd::encode_all(records(2).as_bytes(), 3).unwrap(), zstd::encode_all(records(3).as_bytes(), 3).unwrap()];
    assert_eq!(kept(frames.concat()).records.len(), 5);
}

#[test]
fn a_truncated_stream_gives_what_it_has_and_an_error() {
    let text = records(50_000);
    for bytes in [gzip(&text), zstd::encode_all(text.as_bytes(), 3).unwrap()] {
        let kept = kept(&bytes[..bytes.len() / 2]);
        assert!(kept.records.len() > 1000, "{}", kept.records.len());
        let last = kept.skips.last().unwrap();
        assert!(last.error && last.reason.contains("truncated or damaged"), "{last:?}");
        assert_eq!(last.line as usize, kept.records.len() + 1);
    }
    let early = kept(&gzip(&text)[..12]);
    assert!(
        early.records.is_empty() && early.faults()[0].starts_with("!1:1 the gzip stream is truncated"),
        "{:?}",
        early.faults()
    );
}
