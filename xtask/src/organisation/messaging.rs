//! Queues and topics.
//!
//! A service has a topic that its account may publish to, a work queue that the topic fills, and a queue for what
//! could not be worked on. All are encrypted with a customer key and refuse requests without TLS.

use serde_json::{Value, json};

use super::accounts::Service;
use super::item::{Draft, Item};
use super::names::{KeyUse, Place};
use super::policies::{deny_plain_transport, document};

/// Queues and topic of a service.
pub(crate) fn messages(place: &Place<'_>, service: &Service) -> Vec<Item> {
    let dead_letters = format!("{}-dead-letters", service.name);
    let redrive = json!({"deadLetterTargetArn": place.queue(&dead_letters), "maxReceiveCount": 5});
    let work = format!("{}-work", service.name);
    vec![
        queue(place, &dead_letters, from_account(place, &place.queue(&dead_letters), "sqs:SendMessage"), None),
        queue(place, &work, from_topic(place, service, &place.queue(&work)), Some(redrive)),
        topic(place, service),
    ]
}

/// A statement that admits the account's own principals.
fn from_account(place: &Place<'_>, resource: &str, action: &str) -> Value {
    json!({
        "Sid": "OwnAccount", "Effect": "Allow", "Principal": {"AWS": place.account.arn("iam", "root")},
        "Action": action, "Resource": resource,
    })
}

fn from_topic(place: &Place<'_>, service: &Service, queue: &str) -> Value {
    json!({
        "Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": queue,
        "Condition": {
            "ArnEquals": {"aws:SourceArn": place.topic(service)},
            "StringEquals": {"aws:SourceAccount": place.account.id},
        },
    })
}

fn queue(place: &Place<'_>, name: &str, statement: Value, redrive: Option<Value>) -> Item {
    let arn = place.queue(name);
    let url = format!("https://sqs.{}.amazonaws.com/{}/{name}", place.region.name, place.account.id);
    let policy = document(vec![statement, deny_plain_transport("sqs:*", std::slice::from_ref(&arn))]);
    let mut configuration = json!({
        "QueueName": name,
        "QueueArn": arn,
        "Arn": arn,
        "DelaySeconds": 0,
        "MaximumMessageSize": 262144,
        "MessageRetentionPeriod": 345600,
        "ReceiveMessageWaitTimeSeconds": 20,
        "VisibilityTimeout": 60,
        "KmsMasterKeyId": place.key(KeyUse::Messages),
        "KmsDataKeyReusePeriodSeconds": 300,
        "SqsManagedSseEnabled": false,
        "Policy": policy.to_string(),
    });
    if let (Some(redrive), Some(members)) = (redrive, configuration.as_object_mut()) {
        members.insert("RedrivePolicy".to_owned(), json!(redrive.to_string()));
    }
    Draft::new(place, "AWS::SQS::Queue", url).arn(&arn).name(name).tagged().build(configuration)
}

fn topic(place: &Place<'_>, service: &Service) -> Item {
    let arn = place.topic(service);
    let publish = from_account(place, &arn, "sns:Publish");
    let policy = document(vec![publish, deny_plain_transport("sns:Publish", std::slice::from_ref(&arn))]);
    Draft::new(place, "AWS::SNS::Topic", &arn)
        .arn(&arn)
        .name(format!("{}-events", service.name))
        .tagged()
        .supplement(
            "Tags",
            json!([
                {"key": "env", "value": place.account.environment},
                {"key": "owner", "value": place.account.owner()},
            ])
            .to_string(),
        )
        .build(json!({
            "Policy": policy.to_string(),
            "Owner": place.account.id,
            "TopicArn": arn,
            "KmsMasterKeyId": place.key(KeyUse::Messages),
            "DisplayName": "",
        }))
}
