//! A schema reduced to the keywords that our generator writes. Any other keyword is refused, so that no difference is
//! overlooked.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

/// Keywords that only inform people (JSON Schema calls them annotations).
const ANNOTATIONS: [&str; 4] = ["title", "description", "examples", "deprecated"];
/// Keywords that limit values, each independently of the others.
const LIMITS: [&str; 10] =
    ["$id", "$schema", "pattern", "format", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength"];

/// The values that a schema admits, with each `$ref` followed.
#[derive(Debug, Default, PartialEq)]
pub struct Shape<'a> {
    /// The definition that a `$ref` names, such as `OrderId`.
    pub definition: Option<&'a str>,
    /// The JSON types.
    pub types: BTreeSet<&'a str>,
    /// The properties by name.
    pub properties: BTreeMap<&'a str, Property<'a>>,
    /// Every item of a list.
    pub items: Option<Box<Shape<'a>>>,
    /// The admitted values, if they are listed.
    pub values: Option<Values<'a>>,
    /// Pattern, format, range and the like, by keyword.
    pub limits: BTreeMap<&'a str, &'a Value>,
    /// Annotations, by keyword.
    pub annotations: BTreeMap<&'a str, &'a Value>,
}

/// A property of an object.
#[derive(Debug, PartialEq)]
pub struct Property<'a> {
    /// Whether every event has it.
    pub required: bool,
    /// What it admits.
    pub shape: Shape<'a>,
}

/// The values that a `const`, `enum`, `oneOf` or `anyOf` lists.
#[derive(Debug, PartialEq)]
pub struct Values<'a> {
    /// Whether it is a `const`.
    pub constant: bool,
    /// The description of each value, by its JSON.
    pub listed: BTreeMap<String, Option<&'a Value>>,
    /// What else is admitted, for values of later releases: the enumeration is open. `None` if it is closed.
    pub later: Option<Box<Shape<'a>>>,
}

/// Why a schema cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// A keyword that no rule compares.
    #[error("keyword `{keyword}` at {at} cannot be compared")]
    Keyword {
        /// The place in the event.
        at: String,
        /// The keyword.
        keyword: String,
    },
    /// A keyword with a value that our generator never writes.
    #[error("keyword `{keyword}` at {at} has a value that cannot be compared")]
    Form {
        /// The place in the event.
        at: String,
        /// The keyword.
        keyword: String,
    },
    /// A reference without a target, or a circular one.
    #[error("`$ref` at {at}: {target} does not exist or refers to itself")]
    Reference {
        /// The place in the event.
        at: String,
        /// The reference.
        target: String,
    },
}

/// Reads a whole schema.
///
/// # Errors
/// [`Unsupported`], which names place and keyword.
pub fn read(schema: &Value) -> Result<Shape<'_>, Unsupported> {
    Reader { root: schema, following: Vec::new() }.shape(schema, "")
}

struct Reader<'a> {
    root: &'a Value,
    following: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn shape(&mut self, schema: &'a Value, at: &str) -> Result<Shape<'a>, Unsupported> {
        let keywords = schema.as_object().ok_or_else(|| form(at, "true or false"))?;
        let mut shape = match keywords.get("$ref") {
            Some(target) => self.referred(target, keywords, at)?,
            None => Shape::default(),
        };
        for (keyword, value) in keywords {
            self.keyword(&mut shape, keyword, value, at)?;
        }
        require(&mut shape, keywords, at)?;
        if let (true, Some(values)) = (shape.types.is_empty(), &shape.values) {
            let later = values.later.iter().flat_map(|later| &later.types).copied();
            shape.types = values.listed.keys().map(|json| type_of(json)).chain(later).collect();
        }
        Ok(shape)
    }

    fn keyword(
        &mut self,
        shape: &mut Shape<'a>,
        keyword: &'a str,
        value: &'a Value,
        at: &str,
    ) -> Result<(), Unsupported> {
        match keyword {
            "$ref" | "$defs" | "required" => {}
            "type" => shape.types = texts(value).ok_or_else(|| form(at, keyword))?,
            "properties" => shape.properties = self.properties(value, at)?,
            "items" => shape.items = Some(Box::new(self.shape(value, &format!("{at}/*"))?)),
            "const" => {
                let listed = [(value.to_string(), None)].into();
                shape.values = Some(Values { constant: true, listed, later: None });
            }
            "enum" | "oneOf" => shape.values = Some(closed(keyword, value, at)?),
            "anyOf" => shape.values = Some(self.open(value, at)?),
            limit if LIMITS.contains(&limit) => drop(shape.limits.insert(limit, value)),
            annotation if is_annotation(annotation) => drop(shape.annotations.insert(annotation, value)),
            unknown => return Err(Unsupported::Keyword { at: place(at), keyword: unknown.to_owned() }),
        }
        Ok(())
    }

    /// Only annotations may accompany a `$ref`: other keywords would have to be intersected with its target.
    fn referred(
        &mut self,
        target: &'a Value,
        siblings: &Map<String, Value>,
        at: &str,
    ) -> Result<Shape<'a>, Unsupported> {
        let target = target.as_str().ok_or_else(|| form(at, "$ref"))?;
        if let Some(keyword) = siblings.keys().find(|keyword| *keyword != "$ref" && !is_annotation(keyword)) {
            return Err(Unsupported::Keyword { at: place(at), keyword: format!("{keyword} next to $ref") });
        }
        let unresolved = || Unsupported::Reference { at: place(at), target: target.to_owned() };
        let found = target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)).ok_or_else(unresolved)?;
        if self.following.contains(&target) {
            return Err(unresolved());
        }
        self.following.push(target);
        let shape = self.shape(found, at);
        self.following.pop();
        Ok(Shape { definition: target.strip_prefix("#/$defs/"), ..shape? })
    }

    /// Constants with a description each, then what values of later releases look like.
    fn open(&mut self, value: &'a Value, at: &str) -> Result<Values<'a>, Unsupported> {
        let (later, listed) = value.as_array().and_then(|all| all.split_last()).ok_or_else(|| form(at, "anyOf"))?;
        let listed: Option<BTreeMap<_, _>> = listed.iter().map(constant).collect();
        let listed = listed.filter(|listed| !listed.is_empty()).ok_or_else(|| form(at, "anyOf"))?;
        let later = self.shape(later, at)?;
        if later.values.is_some() {
            return Err(form(at, "anyOf"));
        }
        Ok(Values { constant: false, listed, later: Some(Box::new(later)) })
    }

    fn properties(&mut self, value: &'a Value, at: &str) -> Result<BTreeMap<&'a str, Property<'a>>, Unsupported> {
        let properties = value.as_object().ok_or_else(|| form(at, "properties"))?;
        let mut read = BTreeMap::new();
        for (name, schema) in properties {
            let shape = self.shape(schema, &format!("{at}/{name}"))?;
            read.insert(name.as_str(), Property { required: false, shape });
        }
        Ok(read)
    }
}

fn require(shape: &mut Shape<'_>, keywords: &Map<String, Value>, at: &str) -> Result<(), Unsupported> {
    let Some(required) = keywords.get("required") else { return Ok(()) };
    let names = required.as_array().and_then(|names| names.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    for name in names.ok_or_else(|| form(at, "required"))? {
        shape.properties.get_mut(name).ok_or_else(|| form(&format!("{at}/{name}"), "required"))?.required = true;
    }
    Ok(())
}

/// A list of values, or of constants with a description each.
fn closed<'a>(keyword: &str, value: &'a Value, at: &str) -> Result<Values<'a>, Unsupported> {
    let all = value.as_array().ok_or_else(|| form(at, keyword))?;
    let listed: Option<BTreeMap<String, Option<&Value>>> = match keyword {
        "enum" => Some(all.iter().map(|value| (value.to_string(), None)).collect()),
        _ => all.iter().map(constant).collect(),
    };
    Ok(Values { constant: false, listed: listed.ok_or_else(|| form(at, keyword))?, later: None })
}

fn constant(schema: &Value) -> Option<(String, Option<&Value>)> {
    let keywords = schema.as_object()?;
    let plain = keywords.keys().all(|keyword| is_annotation(keyword) || keyword == "const" || keyword == "type");
    plain.then_some(())?;
    Some((keywords.get("const")?.to_string(), keywords.get("description")))
}

/// The JSON type of a value, from its first character: a list of values needs no `type`, and means one.
fn type_of(json: &str) -> &'static str {
    match json.chars().next() {
        Some('"') => "string",
        Some('{') => "object",
        Some('[') => "array",
        Some('t' | 'f') => "boolean",
        Some('n') => "null",
        Some(_) | None if json.contains(['.', 'e']) => "number",
        Some(_) | None => "integer",
    }
}

fn texts(value: &Value) -> Option<BTreeSet<&str>> {
    match value {
        Value::String(one) => Some(BTreeSet::from([one.as_str()])),
        Value::Array(all) => all.iter().map(Value::as_str).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn is_annotation(keyword: &str) -> bool {
    ANNOTATIONS.contains(&keyword) || keyword.starts_with("x-")
}

fn form(at: &str, keyword: &str) -> Unsupported {
    Unsupported::Form { at: place(at), keyword: keyword.to_owned() }
}

fn place(at: &str) -> String {
    if at.is_empty() { "/".to_owned() } else { at.to_owned() }
}
