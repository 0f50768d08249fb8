//! JSON bodies, refused with the field and the rule.

use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};

use super::Problem;

/// Largest body that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024;

/// Reads a JSON body.
///
/// # Errors
/// 415 when it is not declared as JSON, 413 when it is over [`MAX_BODY`], 400 when it cannot be read, with the field.
pub fn parse<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Problem::unsupported_media_type().at("Content-Type", "must be application/json"));
    }
    if body.len() > MAX_BODY {
        return Err(
            Problem::too_large().because(format!("the body must have at most {MAX_BODY} bytes (has {})", body.len()))
        );
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| Problem::malformed().at(pointer(error.path()), error.inner().to_string()))?;
    json.end().map_err(|error| Problem::malformed().at("", error.to_string()))?;
    Ok(value)
}

/// RFC 6901.
fn pointer(path: &Path) -> String {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escape(key)),
            Segment::Enum { variant } => format!("/{}", escape(variant)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "only read by the parser")]
        lines: Vec<u32>,
    }

    fn refused(content_type: &str, body: &[u8]) -> (u16, String) {
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, content_type.parse().unwrap())]);
        let problem = parse::<Body>(&headers, body).unwrap_err();
        (problem.status().as_u16(), problem.errors().first().map(|e| e.pointer.clone()).unwrap_or_default())
    }

    #[test]
    fn a_body_is_refused_where_it_is_wrong() {
        let json = "application/json; charset=utf-8";
        assert_eq!(refused("text/plain", b"{}"), (415, "Content-Type".into()));
        assert_eq!(refused(json, &vec![b' '; MAX_BODY + 1]), (413, String::new()));
        assert_eq!(refused(json, br#"{"lines":[1,"x"]}"#), (400, "/lines/1".into()));
        assert_eq!(refused(json, br#"{"lines":[],"gift":1}"#), (400, "/gift".into()));
        assert_eq!(refused(json, br#"{"lines":[]} x"#), (400, String::new()));
        assert_eq!(refused(json, b"{"), (400, String::new()));
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(10_000);
        assert_eq!(refused("application/json", deep.as_bytes()).0, 400);
    }
}
