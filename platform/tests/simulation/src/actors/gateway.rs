//! Payments' calls as requests to the gateway, and its answers in payments' terms.

use jiff::SignedDuration;
use payments::domain::gateway::{Call, GatewayAnswer};
use payments::domain::ids::IntentId;
use payments::domain::payment::Payment;

use crate::dice::Dice;
use crate::faults::Fault;
use crate::world::{GatewayRequest as Request, Intent, IntentState, Late, World};

/// Least time that a request which nobody waits for any more is on its way.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_secs(5);

/// Makes a call, and returns what it brings.
pub fn call(
    world: &mut World,
    order: u16,
    (call, request): (&Call, Option<Request>),
    fault: Option<Fault>,
    dice: &mut Dice,
) -> GatewayAnswer {
    world.calls[usize::from(order)] += 1;
    let Some(request) = request else {
        return GatewayAnswer::Doubtful { code: "the payment lacks what the call needs".to_owned() };
    };
    let repeats_failure = world.gateway.repeats_failure(order, &request);
    let fault = if repeats_failure { Some(Fault::GatewayFails) } else { fault };
    let carried_out = matches!(fault, None | Some(Fault::GatewayMute | Fault::GatewayFailsAfter));
    let intent = if carried_out { world.gateway.carry_out(order, &request).cloned() } else { None };
    if fault == Some(Fault::GatewayLate) {
        let ready_at = world.now + dice.stretch(ON_ITS_WAY);
        world.gateway.late.push(Late { order, request: request.clone(), ready_at });
    }
    // Where time stands still, all creates have one moment, and with it one key.
    if matches!(fault, Some(Fault::GatewayFails | Fault::GatewayFailsAfter)) && !world.setting.timeless {
        world.gateway.keep_failure(order, &request);
    }
    let answer = match fault {
        Some(Fault::GatewayLost | Fault::GatewayMute | Fault::GatewayLate) => {
            GatewayAnswer::Silent { code: "timeout".to_owned() }
        }
        Some(Fault::GatewayRefuses) => GatewayAnswer::NotCharged { code: "http_429".to_owned(), retry_after: None },
        Some(Fault::GatewayFails | Fault::GatewayFailsAfter) => GatewayAnswer::Doubtful { code: "http_500".to_owned() },
        Some(Fault::GatewayBusy) => GatewayAnswer::Busy,
        _ => answer_to(&request, intent.as_ref()),
    };
    let state = world.gateway.intents[usize::from(order)].last().map(|intent| intent.state);
    world.trace.note(world.now, order, || {
        format!(" the gateway is asked to {}: {answer:?}; intent now {state:?}", call.as_str())
    });
    answer
}

/// What the gateway is asked, if the payment has what that takes.
pub fn request(world: &World, order: u16, payment: &Payment, call: &Call) -> Option<Request> {
    let intent = || payment.intent.as_ref().map(|intent| intent.as_str().into());
    let key = || call.key(&payment.id).map(String::into_boxed_str);
    Some(match call {
        Call::Create { .. } => Request::Create { key: key()?, amount: payment.terms.as_ref()?.amount },
        Call::Confirm { .. } => {
            Request::Confirm { key: key()?, intent: intent()?, declined: world.setting.plan(order).declined }
        }
        Call::Ask { .. } => Request::Ask { intent: intent()? },
        Call::Cancel => Request::Cancel { intent: intent()? },
        Call::Refund { amount, .. } => Request::Refund { intent: intent()?, key: key()?, amount: *amount },
        Call::AskRefund { refund, .. } => Request::AskRefund { intent: intent()?, key: refund.as_str().into() },
    })
}

/// The gateway's answer when there is one.
fn answer_to(request: &Request, intent: Option<&Intent>) -> GatewayAnswer {
    let Some(intent) = intent else { return GatewayAnswer::Doubtful { code: "resource_missing".to_owned() } };
    let returned = |key: &str| intent.refunds.iter().any(|(known, _)| **known == *key);
    match (request, intent.state) {
        (Request::Refund { key, .. }, _) if returned(key) => GatewayAnswer::Refunded,
        (Request::Refund { .. }, _) => GatewayAnswer::Declined { code: "charge_already_refunded".to_owned() },
        (Request::AskRefund { key, .. }, _) if returned(key) => GatewayAnswer::Refunded,
        (Request::AskRefund { .. }, _) => GatewayAnswer::NotRefunded,
        // That the intent exists is all that a create is answered.
        (Request::Create { .. }, _) | (_, IntentState::Open) => GatewayAnswer::Open(IntentId::trusted(&intent.id)),
        (_, IntentState::Declined) => GatewayAnswer::Declined { code: "generic_decline".to_owned() },
        (_, IntentState::Charged) => GatewayAnswer::Charged,
        (_, IntentState::Canceled) => GatewayAnswer::Canceled,
    }
}
