package smtpd

// reply is an SMTP reply: code, enhanced code of RFC 3463 or "" where RFC 2034
// has none (greeting, EHLO, 3xx), text that is safe for anyone; LF parts the
// lines of a longer one.
type reply struct {
	code     int
	enhanced string
	text     string
}

func (r *reply) failed() bool { return r.code >= 400 }

// hangUp reports whether the connection ends with r.
func (r *reply) hangUp() bool { return r.code == 421 || r.code == 221 }

// The fixed replies. Those of backends come from replyOf.
var (
	replyOK          = &reply{250, "2.0.0", "OK"}
	replySenderOK    = &reply{250, "2.1.0", "Sender OK"}
	replyRcptOK      = &reply{250, "2.1.5", "Recipient OK"}
	replyChunkOK     = &reply{250, "2.0.0", "Chunk received"}
	replyFlushed     = &reply{250, "2.0.0", "Flushed"}
	replyBye         = &reply{221, "2.0.0", "Bye"}
	replyVrfy        = &reply{252, "2.5.2", "Cannot verify; send the message and see"}
	replyExpn        = &reply{502, "5.5.1", "EXPN is not offered"}
	replyHelp        = &reply{214, "2.0.0", "Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY EXPN HELP QUIT STARTTLS AUTH\nRFC 5321 tells more"}
	replyGoAhead     = &reply{354, "", "Go ahead; end with <CRLF>.<CRLF>"}
	replyReadyTLS    = &reply{220, "2.0.0", "Go ahead with TLS"}
	replyLoggedIn    = &reply{235, "2.7.0", "Logged in"}
	replyUsername    = &reply{334, "", "VXNlcm5hbWU6"}
	replyPassword    = &reply{334, "", "UGFzc3dvcmQ6"}
	replyContinue    = &reply{334, "", ""}
	replyUnknown     = &reply{500, "5.5.2", "Unknown command"}
	replyLineLong    = &reply{500, "5.5.2", "The line is too long"}
	replyLineEnding  = &reply{500, "5.5.2", "Lines must end in CR LF"}
	replyOctets      = &reply{500, "5.5.2", "The line has control characters"}
	replyNoArgument  = &reply{501, "5.5.4", "The command takes no argument"}
	replyNeedsName   = &reply{501, "5.5.4", "Say who you are: a domain name or an address literal"}
	replyHelloFirst  = &reply{503, "5.5.1", "Send EHLO or HELO first"}
	replyNeedMail    = &reply{503, "5.5.1", "Send MAIL first"}
	replyNeedRcpt    = &reply{503, "5.5.1", "No valid recipients"}
	replyNested      = &reply{503, "5.5.1", "A transaction is open; send RSET first"}
	replyInChunks    = &reply{503, "5.5.1", "The message is being sent with BDAT"}
	replyNotOffered  = &reply{502, "5.5.1", "The command is not offered"}
	replyMailSyntax  = &reply{501, "5.5.2", "Syntax: MAIL FROM:<address> [parameters]"}
	replyRcptSyntax  = &reply{501, "5.5.2", "Syntax: RCPT TO:<address> [parameters]"}
	replyBdatSyntax  = &reply{501, "5.5.4", "Syntax: BDAT size [LAST]"}
	replyAuthSyntax  = &reply{501, "5.5.4", "Syntax: AUTH mechanism [initial-response]"}
	replyBase64      = &reply{501, "5.5.2", "The response is not base64"}
	replyCancelled   = &reply{501, "5.7.0", "Authentication cancelled"}
	replyMechanism   = &reply{504, "5.5.4", "The mechanism is not offered; use PLAIN or LOGIN"}
	replyAuthAgain   = &reply{503, "5.5.1", "Already logged in"}
	replyAuthInMail  = &reply{503, "5.5.1", "Not during a transaction"}
	replyAuthTLS     = &reply{538, "5.7.11", "Encryption is required: send STARTTLS first"}
	replyTLSFirst    = &reply{530, "5.7.0", "Send STARTTLS first"}
	replyAuthFirst   = &reply{530, "5.7.0", "Log in first"}
	replyAuthFailed  = &reply{535, "5.7.8", "Wrong address or password"}
	replyTLSTwice    = &reply{503, "5.5.1", "TLS is active already"}
	replyTLSInject   = &reply{421, "4.7.0", "Commands behind STARTTLS came before TLS; closing"}
	replySizeParam   = &reply{501, "5.5.4", "SIZE is not a number of octets"}
	replyTooLarge    = &reply{552, "5.3.4", "The message is larger than is taken"}
	replyUTF8        = &reply{553, "5.6.7", "The address needs SMTPUTF8"}
	replyRcptMany    = &reply{452, "4.5.3", "Too many recipients; send the rest in another transaction"}
	replyBareLines   = &reply{550, "5.6.11", "The message has a CR or LF that is not part of CR LF"}
	replyNul         = &reply{550, "5.6.0", "The message has a NUL octet"}
	replyHeaderLong  = &reply{552, "5.3.4", "The message header is too large"}
	replyBouncesOnly = &reply{550, "5.7.1", "This address takes nothing but bounces"}
	replyLoop        = &reply{554, "5.4.6", "Mail loop: too many Received fields"}
	replyDiskFull    = &reply{452, "4.3.1", "No room for the message now; try later"}
	replySpool       = &reply{451, "4.3.0", "The message could not be stored; try later"}
	replyTimeout     = &reply{421, "4.4.2", "Timed out; closing"}
	replySlow        = &reply{421, "4.4.2", "The message came too slowly; closing"}
	replyShutdown    = &reply{421, "4.3.2", "The server is going down; come back later"}
	replyRevoked     = &reply{421, "4.7.0", "The log-in is no longer valid; closing"}
	replyErrors      = &reply{421, "4.7.0", "Too many errors; closing"}
	replyIdleTalk    = &reply{421, "4.7.0", "Too many commands without mail; closing"}
	replyNotSMTP     = &reply{421, "4.7.0", "This is a mail server; closing"}
	replyEarly       = &reply{554, "5.5.1", "You talked before the greeting; closing"}
	replyFull        = &reply{421, "4.3.2", "Too many connections; try later"}
	replyHostFull    = &reply{421, "4.7.0", "Too many connections from your address; try later"}
	replyFlood       = &reply{421, "4.3.4", "The message is larger than is taken; closing"}
)
