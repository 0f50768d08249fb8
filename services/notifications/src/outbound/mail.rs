//! Message → subject, text and HTML, by the templates.

use minijinja::{Environment, Error, Value, context};

use crate::domain::contact::LINK_WORKS;
use crate::domain::ids::OrderId;
use crate::domain::message::Content;
use crate::domain::wording;

/// A message as the mailer sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The subject line.
    pub subject: String,
    /// The body for readers of plain text.
    pub text: String,
    /// The body for everybody else.
    pub html: String,
}

/// The templates, parsed once. Those that end in `.html` escape what is put into them.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// Parses the templates.
    ///
    /// # Errors
    /// A template that cannot be parsed: a defect, which the tests rule out.
    pub fn new() -> Result<Self, Error> {
        let mut templates = Environment::new();
        templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        for (name, source) in [
            ("layout.html", include_str!("../../templates/layout.html")),
            ("order_completed.html", include_str!("../../templates/order_completed.html")),
            ("order_completed.txt", include_str!("../../templates/order_completed.txt")),
            ("order_cancelled.html", include_str!("../../templates/order_cancelled.html")),
            ("order_cancelled.txt", include_str!("../../templates/order_cancelled.txt")),
            ("confirmation.html", include_str!("../../templates/confirmation.html")),
            ("confirmation.txt", include_str!("../../templates/confirmation.txt")),
        ] {
            templates.add_template(name, source)?;
        }
        Ok(Self(templates))
    }

    /// Renders a message about an order.
    ///
    /// # Errors
    /// A template that needs a value that the message does not have: a defect, which the tests rule out.
    pub fn render(&self, order: &OrderId, content: &Content) -> Result<Mail, Error> {
        let subject = wording::subject(content, order);
        let (name, values) = match content {
            Content::Completed(total) => ("order_completed", context! { total => total.readable() }),
            Content::Cancelled(reason) => {
                let (explanation, about_money) = (wording::explanation(*reason), wording::about_money(*reason));
                ("order_cancelled", context! { explanation, about_money })
            }
        };
        let values = context! { subject => &subject, order => order.as_str(), ..values };
        self.mail(name, subject, &values)
    }

    /// Renders the mail that asks whether its reader is the customer who gave this address.
    ///
    /// # Errors
    /// As [`Self::render`].
    pub fn confirmation(&self, link: &str) -> Result<Mail, Error> {
        let subject = wording::CONFIRM.to_owned();
        let values = context! { subject => &subject, link, hours => LINK_WORKS.as_hours() };
        self.mail("confirmation", subject, &values)
    }

    fn mail(&self, name: &str, subject: String, values: &Value) -> Result<Mail, Error> {
        let render = |suffix: &str| self.0.get_template(&format!("{name}.{suffix}"))?.render(values);
        Ok(Mail { text: render("txt")?, html: render("html")?, subject })
    }
}
