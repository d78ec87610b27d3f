// Package work is what the parts of the core stand on: the platform that they
// are built with, the unit of work that a command or query runs in, the
// interfaces of the rows, and what every rule asks. It knows no SQL and no HTTP;
// storage, clock and randomness are given.
//
// A part runs its commands by Read and Write of Platform, which give it a Unit:
// one transaction (Tx, over a Store), one Actor, one moment (Now in the partner's
// time, Real in the platform's). A command may run again and keeps nothing outside
// its Unit. In a Unit:
//
//   - whom something belongs to: Owns, OwnPartner, Customer, CustomerOf, Reseller,
//     SellerOf, InTree; within the actor's limit AdmitOrder, AdmitAccount, AdmitCustomer;
//     a unit that admitted nothing fails as a whole
//   - whether a reseller and all above it are active: ActiveChain
//   - an order or account that the operation may have: Order, FindOrder, CheckOrder,
//     Account, FindAccount; which states take it is in states.go
//   - writing with event and access change: SaveOrder, SaveAccount
//   - what else is to be known: Emit (events), Record (audit), Notify (mail), Remind
//     and its like (calendar)
//   - suspensions by rank: Suspender, MayLift, Lift
//   - another partner's time: Enter, Within
//   - answers: OrderState, AccountState, Details
//
// Fields collects what is wrong with a command before its Unit begins.
package work
