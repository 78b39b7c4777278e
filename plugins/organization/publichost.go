package organization

import "strings"

// publicHosts are well-known hosts at which anybody gets an address. The list is short and
// keeps from mistakes; nobody proves such a domain by a record anyway.
const publicHosts = `
aol.com bluewin.ch btinternet.com comcast.net fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.de hotmail.fr icloud.com laposte.net libero.it live.com mac.com mail.com
mail.de mail.ru mailbox.org me.com msn.com naver.com orange.fr outlook.com outlook.de pm.me posteo.de proton.me protonmail.com
qq.com rediffmail.com rocketmail.com seznam.cz t-online.de tuta.com tutanota.com web.de wp.pl yahoo.co.in yahoo.co.jp yahoo.co.uk
yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com 126.com 163.com
`

// publicHost reports whether anybody gets an address in a domain.
func publicHost(domain string) bool {
	for host := range strings.FieldsSeq(publicHosts) {
		if host == domain {
			return true
		}
	}
	return false
}
