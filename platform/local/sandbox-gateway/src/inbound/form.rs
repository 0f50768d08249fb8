//! Stripe's requests: forms, with brackets for what is nested.

use std::collections::BTreeMap;

use super::answer::Fault;
use crate::domain::intent::MAX_AMOUNT;
use crate::domain::method::Method;

/// The parameters of a request, in one order, so that two requests can be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form(pub BTreeMap<String, String>);

/// Parameters of Stripe that are accepted and make no difference here.
const ACCEPTED: &[&str] = &[
    "payment_method_types",
    "automatic_payment_methods",
    "description",
    "error_on_requires_action",
    "off_session",
    "reason",
    "return_url",
];
const UNDERSTOOD: &[&str] = &["amount", "currency", "payment_method", "confirm", "metadata", "payment_intent"];

impl Form {
    /// Reads a body; an empty one has no parameters.
    pub fn parse(body: &[u8]) -> Result<Self, Fault> {
        let pairs: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let unknown = |key: &&String| {
            let name = key.split('[').next().unwrap_or_default();
            !ACCEPTED.contains(&name) && !UNDERSTOOD.contains(&name)
        };
        match pairs.keys().find(unknown) {
            Some(key) => Err(Fault::parameter("parameter_unknown", key, format!("Received unknown parameter: {key}"))),
            None => Ok(Self(pairs)),
        }
    }

    /// The amount in minor units.
    pub fn amount(&self) -> Result<u64, Fault> {
        match integer(self.required("amount")?)? {
            0 => Err(Fault::parameter("amount_too_small", "amount", "Amount must be at least 1.".into())),
            amount @ 1..=MAX_AMOUNT => Ok(amount),
            _ => Err(Fault::parameter(
                "amount_too_large",
                "amount",
                format!("Amount must be no more than {MAX_AMOUNT}."),
            )),
        }
    }

    /// The amount to return in minor units, if one is named.
    pub fn refund_amount(&self) -> Result<Option<u64>, Fault> {
        match self.0.get("amount").map(|text| integer(text)).transpose()? {
            Some(0) => Err(invalid_integer("This value must be greater than or equal to 1.".into())),
            amount => Ok(amount),
        }
    }

    /// The intent that a request without one in its path is about.
    pub fn intent(&self) -> Result<&str, Fault> {
        self.required("payment_intent")
    }

    /// The currency in lower case.
    pub fn currency(&self) -> Result<String, Fault> {
        let text = self.required("currency")?;
        let valid = text.len() == 3 && text.bytes().all(|b| b.is_ascii_alphabetic());
        let invalid = || Fault::parameter("parameter_invalid", "currency", format!("Invalid currency: {text}"));
        valid.then(|| text.to_ascii_lowercase()).ok_or_else(invalid)
    }

    /// The payment method, if one is named; it must exist.
    pub fn method(&self) -> Result<Option<&str>, Fault> {
        let Some(name) = self.0.get("payment_method") else { return Ok(None) };
        let missing = || Fault::missing("payment_method", "PaymentMethod", name);
        Method::named(name).map(|_| Some(name.as_str())).ok_or_else(missing)
    }

    /// Whether the intent is to be confirmed at once.
    pub fn to_confirm(&self) -> bool {
        self.0.get("confirm").is_some_and(|value| value == "true")
    }

    /// What the client attaches: `metadata[key]=value`.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let key = |name: &str| Some(name.strip_prefix("metadata[")?.strip_suffix(']')?.to_owned());
        self.0.iter().filter_map(|(name, value)| Some((key(name)?, value.clone()))).collect()
    }

    fn required(&self, name: &'static str) -> Result<&str, Fault> {
        let missing = || Fault::parameter("parameter_missing", name, format!("Missing required param: {name}."));
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty()).ok_or_else(missing)
    }
}

fn integer(text: &str) -> Result<u64, Fault> {
    text.parse().map_err(|_| invalid_integer(format!("Invalid integer: {text}")))
}

fn invalid_integer(message: String) -> Fault {
    Fault::parameter("parameter_invalid_integer", "amount", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_request_is_read_as_stripe_reads_it() {
        let form =
            form("amount=4790&currency=EUR&payment_method=pm_card_visa&confirm=true&metadata%5BorderId%5D=ord_1");
        assert_eq!((form.amount().unwrap(), form.currency().unwrap().as_str()), (4790, "eur"));
        assert_eq!((form.method().unwrap(), form.to_confirm()), (Some("pm_card_visa"), true));
        assert_eq!(form.metadata(), BTreeMap::from([("orderId".into(), "ord_1".into())]));
        let form = super::Form::parse(b"payment_intent=pi_1").unwrap();
        assert_eq!((form.intent().unwrap(), form.refund_amount().unwrap()), ("pi_1", None));
    }

    #[test]
    fn a_wrong_parameter_is_refused_with_stripes_code() {
        let code = |fault: Fault| fault.code.unwrap();
        assert_eq!(code(Form::parse(b"colour=red").unwrap_err()), "parameter_unknown");
        assert_eq!(code(form("").amount().unwrap_err()), "parameter_missing");
        for (amount, expected) in [
            ("x", "parameter_invalid_integer"),
            ("-1", "parameter_invalid_integer"),
            ("1.5", "parameter_invalid_integer"),
            ("0", "amount_too_small"),
            ("100000000", "amount_too_large"),
        ] {
            assert_eq!(code(form(&format!("amount={amount}")).amount().unwrap_err()), expected, "{amount}");
        }
        assert_eq!(code(form("amount=0").refund_amount().unwrap_err()), "parameter_invalid_integer");
        assert_eq!(code(form("amount=1").intent().unwrap_err()), "parameter_missing");
        assert_eq!(code(form("currency=euro").currency().unwrap_err()), "parameter_invalid");
        assert_eq!(code(form("payment_method=pm_card_gold").method().unwrap_err()), "resource_missing");
    }
}
