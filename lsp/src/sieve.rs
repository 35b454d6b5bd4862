//! Lets messages through and nothing else: what an editor sends by mistake must not end the conversation.
//!
//! The library that reads messages stops at the first that is none. So each is looked at before: a frame whose body is no
//! JSON-RPC is dropped, and after a header that cannot be read the next `Content-Length` counts. Here messages are still in
//! order, so that a goodbye is noted here.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};

/// A header is never longer.
const LONGEST_LINE: u64 = 64 << 10;

/// A message is never larger.
const LARGEST: usize = 512 << 20;

/// Passes on the messages of `input` until it ends; notes whether the editor asked for a shutdown. Its handler would note it too
/// late: an editor need not wait for the answer before it says `exit`, and the two run beside each other.
pub(crate) async fn sieve(input: impl AsyncRead + Unpin, mut output: impl AsyncWrite + Unpin, left: &AtomicBool) {
    let mut input = BufReader::with_capacity(64 << 10, input);
    // An error means that one side is gone, as an end does.
    while let Ok(Some(length)) = header(&mut input).await {
        let mut body = vec![0; length];
        if input.read_exact(&mut body).await.is_err() {
            return;
        }
        let Some(message) = message(&body) else { continue };
        if message.get("method").is_some_and(|method| method == "shutdown") && message.contains_key("id") {
            left.store(true, Ordering::SeqCst);
        }
        if write(&mut output, &body).await.is_err() {
            return;
        }
    }
}

/// Reads up to a body, and says how long it is; `None` at the end.
async fn header(input: &mut (impl AsyncBufReadExt + Unpin)) -> std::io::Result<Option<usize>> {
    let mut length = None;
    let mut line = Vec::new();
    loop {
        line.clear();
        if (&mut *input).take(LONGEST_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
        match text.rsplit_once("content-length:") {
            Some((_, value)) => length = value.trim().parse().ok().filter(|length| *length <= LARGEST),
            None if text.trim().is_empty() && length.is_some() => return Ok(length),
            None => {}
        }
    }
}

async fn write(output: &mut (impl AsyncWrite + Unpin), body: &[u8]) -> std::io::Result<()> {
    output.write_all(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes()).await?;
    output.write_all(body).await?;
    output.flush().await
}

/// A body that is a request, a notification or an answer.
fn message(body: &[u8]) -> Option<Map<String, Value>> {
    let Ok(Value::Object(message)) = serde_json::from_slice(body) else { return None };
    let known_id = message.get("id").is_none_or(|id| id.is_i64() || id.is_string() || id.is_null());
    let is_error = |error: &Value| error["code"].is_i64() && error["message"].is_string();
    let says_something = match (message.get("method"), message.get("result"), message.get("error")) {
        (Some(method), None, None) => method.is_string(),
        (None, Some(_), None) => message.contains_key("id"),
        (None, None, Some(error)) => message.contains_key("id") && is_error(error),
        _ => false,
    };
    let is_it = message.get("jsonrpc").is_some_and(|version| version == "2.0") && known_id && says_something;
    is_it.then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passed(input: &str) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut output = Vec::new();
        runtime.block_on(sieve(input.as_bytes(), &mut output, &AtomicBool::new(false)));
        String::from_utf8(output).unwrap()
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn messages_pass() {
        let ask = framed(r#"{"jsonrpc":"2.0","id":1,"method":"a","params":{"x":"ö"}}"#);
        let answer = framed(r#"{"jsonrpc":"2.0","id":"b","result":null}"#);
        let both = format!("{ask}{answer}");
        assert_eq!(passed(&both), both);
        let typed = ask.replacen("Content-Length", "Content-Type: x\r\ncontent-length", 1);
        assert_eq!(passed(&typed), ask);
    }

    #[test]
    fn anything_else_does_not() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"a"}"#);
        for bad in [
            framed("not json"),
            framed("[]"),
            framed(r#"{"jsonrpc":"2.0"}"#),
            framed(r#"{"jsonrpc":"2.0","id":{},"method":"a"}"#),
            framed(r#"{"jsonrpc":"2.0","id":1,"error":3}"#),
            framed(r#"{"jsonrpc":"1.0","method":"a"}"#),
            "Content-Length: many\r\n\r\n".to_owned(),
            "Content-Length: 99999999999999\r\n\r\n{}".to_owned(),
            "words\r\n\r\nwithout end".to_owned(),
            "\u{0}\u{1}".repeat(100_000),
        ] {
            assert_eq!(passed(&format!("{bad}{good}")), good, "{}", bad.get(..40).unwrap_or(&bad));
        }
        assert_eq!(passed("Content-Length: 9\r\n\r\n{}"), "", "cut off");
    }
}
