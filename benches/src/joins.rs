//! Buckets, each with a policy that names it by reference, in a template and in a plan: what reading and judging them takes.

use std::fmt::Write;
use std::hint::black_box;

use anyhow::{Result, anyhow};
use parapet_driver::{Memory, Prepared, Refusal, Request, prepare};

use crate::clock::timed_threads;
use crate::least::Least;

const PROGRAM: &str = "guardrail bucket_has_a_policy(bucket: AWS::S3::Bucket) {
    require any policy in AWS::S3::BucketPolicy: policy.Bucket == bucket.id
}

guardrail policy_is_of_a_bucket(policy: AWS::S3::BucketPolicy) {
    require any bucket in AWS::S3::Bucket: policy.Bucket == bucket.id
}
";

/// Numbers of buckets, each with its policy.
pub(crate) const SIZES: [usize; 2] = [500, 5_000];

/// Rounds: each is long.
const ROUNDS: usize = 3;

/// What a document says, for the resources of one bucket.
type Generator = fn(usize) -> Result<String>;

/// The documents.
pub(crate) const DOCUMENTS: [(&str, Generator); 2] = [("template", template), ("plan", plan)];

/// The name of a measurement.
pub(crate) fn name(document: &str, buckets: usize) -> String {
    format!("buckets of a {document} {buckets}")
}

/// Measures both documents in all sizes.
pub(crate) fn rounds(least: &mut Least) -> Result<()> {
    for (document, text) in DOCUMENTS {
        for buckets in SIZES {
            let input = format!("{document}.json");
            let files = [("main.parapet".to_owned(), PROGRAM.to_owned()), (input.clone(), text(buckets)?)];
            let host = Memory::new(jiff::Timestamp::UNIX_EPOCH).with(files);
            let request = Request {
                rules: vec!["main.parapet".to_owned()],
                inputs: vec![input],
                ..Request::at(jiff::Timestamp::UNIX_EPOCH)
            };
            let prepared = prepare(&host, &request).map_err(refused)?;
            for _ in 0..ROUNDS {
                let (time, judged) = timed_threads(|| judge(&prepared, &host, &request));
                anyhow::ensure!(judged? == 2 * buckets, "not all of the {document} passes");
                least.note(&name(document, buckets), time);
            }
        }
    }
    Ok(())
}

/// How many pairs pass.
fn judge(prepared: &Prepared, host: &Memory, request: &Request<'_>) -> Result<usize> {
    let (result, _) = black_box(prepared.run(host, request)).map_err(refused)?;
    Ok(result.summary.pass)
}

fn refused(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Usage(message) | Refusal::Fault(message) => anyhow!(message),
        Refusal::Rules(..) => anyhow!("the rules do not check"),
    }
}

fn template(buckets: usize) -> Result<String> {
    let mut text = String::from("{\"Resources\": {");
    for at in 0..buckets {
        let comma = if at == 0 { "" } else { "," };
        write!(
            text,
            "{comma}\"Bucket{at}\": {{\"Type\": \"AWS::S3::Bucket\"}},\
             \"Policy{at}\": {{\"Type\": \"AWS::S3::BucketPolicy\", \"Properties\": {{\"Bucket\": {{\"Ref\": \"Bucket{at}\"}}, \"PolicyDocument\": {{}}}}}}"
        )?;
    }
    text.push_str("}}");
    Ok(text)
}

fn plan(buckets: usize) -> Result<String> {
    let (mut changes, mut resources) = (String::new(), String::new());
    let address = |ty: &str, at: usize| {
        format!("\"address\": \"{ty}.b{at}\", \"mode\": \"managed\", \"type\": \"{ty}\", \"name\": \"b{at}\"")
    };
    for at in 0..buckets {
        let comma = if at == 0 { "" } else { "," };
        let (bucket, policy) = (address("aws_s3_bucket", at), address("aws_s3_bucket_policy", at));
        write!(
            changes,
            "{comma}{{{bucket}, \"change\": {{\"actions\": [\"create\"], \"after\": {{}}, \"after_unknown\": {{\"id\": true, \"arn\": true, \"bucket\": true}}}}}},\
             {{{policy}, \"change\": {{\"actions\": [\"create\"], \"after\": {{\"policy\": \"{{}}\"}}, \"after_unknown\": {{\"id\": true, \"bucket\": true}}}}}}"
        )?;
        write!(
            resources,
            "{comma}{{{bucket}, \"expressions\": {{}}}},\
             {{{policy}, \"expressions\": {{\"policy\": {{\"constant_value\": \"{{}}\"}}, \
             \"bucket\": {{\"references\": [\"aws_s3_bucket.b{at}.id\", \"aws_s3_bucket.b{at}\"]}}}}}}"
        )?;
    }
    Ok(format!(
        "{{\"format_version\": \"1.2\", \"resource_changes\": [{changes}], \"configuration\": {{\"root_module\": {{\"resources\": [{resources}]}}}}}}"
    ))
}
