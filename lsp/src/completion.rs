//! Offers of a completion as the editor takes them.

use parapet_ide::{Completion, Completions, Span};

use crate::capabilities::Can;
use crate::proto;
use crate::translate::completion_kind;

/// A list of offers for a document; `ranges` says where its spans are.
pub(crate) fn list(
    ranges: &dyn Fn(Span) -> proto::Range,
    can: Can,
    found: Completions,
    uri: &proto::Uri,
) -> proto::CompletionList {
    let items = found.items.into_iter().map(|offer| item(ranges, can, offer, uri)).collect();
    proto::CompletionList { is_incomplete: found.incomplete, items }
}

/// What an offer was made for, to say more about it: its document and its key.
pub(crate) fn asked(item: &proto::CompletionItem) -> Option<(proto::Uri, String)> {
    let word = |name: &str| item.data.as_ref()?.get(name)?.as_str();
    Some((word("uri")?.parse().ok()?, word("key")?.to_owned()))
}

/// An offer, and with it what is asked for more about it.
fn item(ranges: &dyn Fn(Span) -> proto::Range, can: Can, item: Completion, uri: &proto::Uri) -> proto::CompletionItem {
    let snippet = item.snippet && can.snippets;
    let insert = if item.snippet && !can.snippets { without_stops(&item.insert) } else { item.insert.clone() };
    let edit = proto::TextEdit { range: ranges(item.replaces), new_text: insert };
    let more =
        item.more.into_iter().map(|edit| proto::TextEdit { range: ranges(edit.span), new_text: edit.replacement });
    let more: Vec<proto::TextEdit> = more.collect();
    let data = serde_json::json!({ "uri": uri.as_str(), "key": item.key });
    proto::CompletionItem {
        sort_text: Some(format!("{:03}{}", item.rank, item.label)),
        kind: Some(completion_kind(item.offer)),
        detail: (!item.detail.is_empty()).then_some(item.detail),
        insert_text_format: snippet.then_some(proto::InsertTextFormat::SNIPPET),
        text_edit: Some(proto::CompletionTextEdit::Edit(edit)),
        additional_text_edits: (!more.is_empty()).then_some(more),
        tags: item.deprecated.then(|| vec![proto::CompletionItemTag::DEPRECATED]),
        data: (!item.key.is_empty()).then_some(data),
        label: item.label,
        ..proto::CompletionItem::default()
    }
}

/// A snippet for an editor without snippets: its words, without the places to stop at.
fn without_stops(snippet: &str) -> String {
    let mut text = String::new();
    let mut rest = snippet;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        rest = match after.strip_prefix('{').and_then(|stop| stop.split_once('}')) {
            Some((stop, after)) => {
                let words = stop.split_once(':').map(|(_, words)| words);
                text.push_str(words.or_else(|| stop.split(['|', ',']).nth(1)).unwrap_or_default());
                after
            }
            None => after.trim_start_matches(|letter: char| letter.is_ascii_digit()),
        };
    }
    text + rest
}
