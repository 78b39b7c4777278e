package organization

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"gatehouse/auth"
	"gatehouse/auth/origin"
	"gatehouse/auth/random"
	"gatehouse/auth/words"
	"gatehouse/ent"
	"gatehouse/ent/organizationdomain"
	"gatehouse/ent/predicate"
)

// How people with a proved address in a domain join.
const (
	JoiningOff       = "off"
	JoiningApproval  = "approval"  // somebody has to agree
	JoiningAutomatic = "automatic" // at once
)

// joiningWords name the ways to join.
func joiningWords() map[string]words.Text {
	return map[string]words.Text{JoiningOff: "Nobody joins by it", JoiningApproval: "Somebody has to agree", JoiningAutomatic: "At once"}
}

// verifiedByDNS stands in verified_by where a record proved the domain.
const verifiedByDNS = "dns"

// Errors of domains.
var (
	ErrDomain          = auth.E(http.StatusBadRequest, "INVALID_DOMAIN", "This is not a domain, such as example.com.")
	ErrDomainPublic    = auth.E(http.StatusBadRequest, "PUBLIC_MAIL_DOMAIN", "Anybody gets an address there, so it is the domain of no organization.")
	ErrDomainSuffix    = auth.E(http.StatusBadRequest, "PUBLIC_SUFFIX", "Anybody gets a domain below it, so it is the domain of no organization. Give the whole domain, such as example.com.")
	ErrDomainExists    = auth.E(http.StatusBadRequest, "DOMAIN_ALREADY_ADDED", "This domain is there already.")
	ErrDomainTaken     = auth.E(http.StatusBadRequest, "DOMAIN_ALREADY_VERIFIED", "This domain is proved by another organization.")
	ErrDomainNotFound  = auth.E(http.StatusBadRequest, "DOMAIN_NOT_FOUND", "Domain not found")
	ErrDomainUnproved  = auth.E(http.StatusBadRequest, "DOMAIN_NOT_VERIFIED", "The record was not found. Records may take some hours to become visible.")
	ErrRequestNotFound = auth.E(http.StatusBadRequest, "JOIN_REQUEST_NOT_FOUND", "This request was decided already.")
	ErrAddressChanged  = auth.E(http.StatusBadRequest, "ADDRESS_CHANGED", "This person has another address by now, or one that is not verified. They have to ask again.")
	ErrTooManyDomains  = auth.E(http.StatusForbidden, "DOMAIN_LIMIT_REACHED", "This organization has too many domains.")
)

// maxDomains bounds the domains of an organization.
const maxDomains = 50

// lookUpTime bounds the question to the DNS.
const lookUpTime = 5 * time.Second

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// ParseDomain brings a domain into the form in which domains are compared: lower case,
// ASCII (RFC 5891), without a dot at its end.
func ParseDomain(text string) (string, error) {
	text = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(text)), ".")
	name, err := idna.Lookup.ToASCII(text)
	if err != nil || len(name) > 253 || !domainName.MatchString(name) || net.ParseIP(name) != nil {
		return "", ErrDomain.At("domain")
	}
	return name, nil
}

// RecordName is the name of the text record that proves a domain, and RecordValue what it
// has to hold.
func RecordName(d *ent.OrganizationDomain) string  { return "_gatehouse." + d.Domain }
func RecordValue(d *ent.OrganizationDomain) string { return "gatehouse-domain=" + d.Token }

// DomainList lists the domains of an organization by name. It needs domain:read there.
func (s *Service) DomainList(ctx context.Context, org string) ([]*ent.OrganizationDomain, error) {
	a, err := s.actor(ctx, org)
	if err != nil {
		return nil, err
	}
	if !a.Can(ScopeDomainRead) {
		return nil, auth.ErrForbidden.ForIn(a.org, ScopeDomainRead)
	}
	rows, err := s.host.DB.Access(ctx).Organization(org).OrganizationDomain().Query().Order(ent.Asc(organizationdomain.FieldDomain)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading domains: %w", err)
	}
	return rows, nil
}

// AddDomain says that a domain is the organization's, which is still to be proved. It needs
// domain:update.
func (s *Service) AddDomain(ctx context.Context, org, text string) (*ent.OrganizationDomain, error) {
	name, err := ParseDomain(text)
	if err != nil {
		return nil, err
	}
	if publicHost(name) {
		return nil, ErrDomainPublic.At("domain")
	}
	if origin.Shared(name) {
		return nil, ErrDomainSuffix.At("domain")
	}
	var row *ent.OrganizationDomain
	err = s.changeDomains(ctx, org, func(ctx context.Context, c *command) error {
		n, err := c.ent().OrganizationDomain().Query().Count(ctx)
		if err != nil {
			return fmt.Errorf("counting domains: %w", err)
		}
		if n >= maxDomains {
			return ErrTooManyDomains
		}
		row, err = c.ent().OrganizationDomain().Create().SetID(random.ID()).SetDomain(name).SetToken(random.ID()).
			SetCreatedBy(c.by.p.Subject).SetCreatedAt(s.now()).Save(ctx)
		if ent.IsConstraintError(err) {
			return ErrDomainExists.At("domain").Because(err)
		}
		if err != nil {
			return fmt.Errorf("storing a domain: %w", err)
		}
		return s.recordAbout(ctx, eventDomainAdded, org, subjectDomain, row.ID, map[string]any{"domain": name})
	})
	return row, err
}

func (s *Service) changeDomains(ctx context.Context, org string, fn func(context.Context, *command) error) error {
	return s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if !c.by.Can(ScopeDomainUpdate) {
			return deny(auth.ErrForbidden.ForIn(org, ScopeDomainUpdate))
		}
		return fn(ctx, c)
	})
}

// domain reads a domain of an organization.
func (s *Service) domain(ctx context.Context, org, id string) (*ent.OrganizationDomain, error) {
	row, err := s.host.DB.Access(ctx).Organization(org).OrganizationDomain().Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, ErrDomainNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("reading a domain: %w", err)
	}
	return row, nil
}

// VerifyDomain looks for the text record that proves a domain. It needs domain:update. The
// DNS is asked outside the transaction.
func (s *Service) VerifyDomain(ctx context.Context, org, id string) error {
	a, err := s.actor(ctx, org)
	if err != nil {
		return err
	}
	if !a.Can(ScopeDomainUpdate) {
		return s.refused(ctx, a, auth.ErrForbidden.ForIn(a.org, ScopeDomainUpdate))
	}
	row, err := s.domain(ctx, org, id)
	if err != nil {
		return err
	}
	if err := s.lookUp(ctx, row); err != nil {
		// Only for the page of one that nothing proves: a vouch needs no record, and proved
		// ones are looked at again by themselves.
		_ = s.host.DB.Access(ctx).Organization(org).OrganizationDomain().Update().Where(organizationdomain.ID(id), organizationdomain.VerifiedDomainIsNil()).
			SetCheckedAt(s.now()).SetCheckError(err.Error()).Exec(ctx)
		return ErrDomainUnproved.Because(err)
	}
	return s.changeDomains(ctx, org, func(ctx context.Context, c *command) error { return s.prove(ctx, c, id, verifiedByDNS) })
}

// errNoRecord says that the DNS answered, and that the record is not there.
var errNoRecord = errors.New("the record holds something else")

// lookUp asks the DNS for the record of a domain. Where the DNS gives no answer the error is
// not errNoRecord.
func (s *Service) lookUp(ctx context.Context, row *ent.OrganizationDomain) error {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	texts, err := s.options.Resolver.LookupTXT(ctx, RecordName(row))
	if unknown, ok := errors.AsType[*net.DNSError](err); ok && unknown.IsNotFound {
		return fmt.Errorf("%w (%w)", err, errNoRecord)
	}
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(texts, func(t string) bool { return strings.TrimSpace(t) == RecordValue(row) }) {
		return errNoRecord
	}
	return nil
}

// VouchDomain takes a domain for proved on the word of an administrator of the platform. It
// needs domain:vouch there.
func (s *Service) VouchDomain(ctx context.Context, org, id string) error {
	return s.change(ctx, org, ErrNoMember, func(ctx context.Context, c *command) error {
		if !c.by.p.Can(ScopeVouch) {
			return deny(auth.ErrForbidden.For(ScopeVouch))
		}
		return s.prove(ctx, c, id, c.by.p.Subject)
	})
}

func (s *Service) prove(ctx context.Context, c *command, id, by string) error {
	row, err := s.domain(ctx, c.org.ID, id)
	if err != nil {
		return err
	}
	now := s.now()
	err = c.ent().OrganizationDomain().UpdateOne(row).SetVerifiedDomain(row.Domain).SetVerifiedAt(now).SetVerifiedBy(by).SetCheckedAt(now).SetCheckError("").Exec(ctx)
	if ent.IsConstraintError(err) {
		return ErrDomainTaken.Because(err)
	}
	if err != nil {
		return fmt.Errorf("proving a domain: %w", err)
	}
	return s.recordAbout(ctx, eventDomainProved, c.org.ID, subjectDomain, id, map[string]any{"domain": row.Domain, "how": how(by)})
}

// how tells the ways to prove a domain apart.
func how(by string) string {
	if by == verifiedByDNS {
		return by
	}
	return "vouched"
}

// SetJoining says how people with an address in a domain join, and with which role. It needs
// domain:update and everything that the role gives; nobody becomes an owner so.
func (s *Service) SetJoining(ctx context.Context, org, id, joining, role string) error {
	if !slices.Contains([]string{JoiningOff, JoiningApproval, JoiningAutomatic}, joining) {
		return auth.ErrValidation.Saying("Choose one of the ways.").At("joining")
	}
	return s.changeDomains(ctx, org, func(ctx context.Context, c *command) error {
		row, err := s.domain(ctx, org, id)
		if err != nil {
			return err
		}
		unknown, err := s.Unknown(ctx, org, []string{role})
		if err != nil {
			return err
		}
		if len(unknown) > 0 || role == s.creatorRole() {
			return ErrRoleNotFound.At("role")
		}
		may := func(until time.Time) (bool, error) { return s.mayGive(ctx, c.by, []string{role}, until) }
		if err := c.by.gives(may, time.Time{}, ErrMayNotGive, ""); err != nil {
			return err
		}
		if err := c.ent().OrganizationDomain().UpdateOne(row).SetJoining(joining).SetRole(role).Exec(ctx); err != nil {
			return fmt.Errorf("changing a domain: %w", err)
		}
		return s.recordAbout(ctx, eventDomainChanged, org, subjectDomain, id, map[string]any{"domain": row.Domain, "joining": joining, "role": role})
	})
}

// RemoveDomain forgets a domain; members stay, requests to join by it are declined. It needs
// domain:update.
func (s *Service) RemoveDomain(ctx context.Context, org, id string) error {
	return s.changeDomains(ctx, org, func(ctx context.Context, c *command) error {
		row, err := s.domain(ctx, org, id)
		if err != nil {
			return err
		}
		if err := c.ent().OrganizationDomain().DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("removing a domain: %w", err)
		}
		if err := s.dropRequests(ctx, c, row.Domain); err != nil {
			return err
		}
		return s.recordAbout(ctx, eventDomainRemoved, org, subjectDomain, id, map[string]any{"domain": row.Domain})
	})
}

// recheck asks the DNS again for domains that a record proved. While it is missing nobody
// joins by the domain: it may belong to somebody else by now.
func (s *Service) recheck(ctx context.Context) error {
	rows, err := s.host.DB.Access(ctx).Platform().OrganizationDomain().Query().
		Where(organizationdomain.VerifiedBy(verifiedByDNS), organizationdomain.CheckedAtLT(s.now().Add(-recheckAfter))).
		Order(ent.Asc(organizationdomain.FieldCheckedAt, organizationdomain.FieldID)).Limit(batch).All(ctx)
	if err != nil {
		return fmt.Errorf("reading domains: %w", err)
	}
	for _, row := range rows {
		problem := ""
		if err := s.lookUp(ctx, row); err != nil {
			problem = err.Error()
			if !errors.Is(err, errNoRecord) { // as it was, until the DNS answers
				problem = row.CheckError
			}
		}
		err := s.host.DB.Access(ctx).Organization(row.OrganizationID).OrganizationDomain().Update().
			Where(organizationdomain.ID(row.ID), organizationdomain.VerifiedBy(verifiedByDNS)). // not of one that somebody vouched for meanwhile
			SetCheckedAt(s.now()).SetCheckError(problem).Exec(ctx)
		if err != nil {
			return fmt.Errorf("noting a look at a domain: %w", err)
		}
	}
	return nil
}

// recheckAfter is how long a proved domain is believed.
const recheckAfter = 24 * time.Hour

// openTo are proved domains by which people join.
func openTo(domain string) predicate.OrganizationDomain {
	return organizationdomain.And(organizationdomain.VerifiedDomain(domain), organizationdomain.JoiningNEQ(JoiningOff), organizationdomain.CheckError(""))
}
