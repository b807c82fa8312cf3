#include "common/tls/pem.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string MessageOf(const absl::Status& status) {
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(PemTest, ReadsAChainAmongOtherBlocks) {
  const TlsIdentity one = IssueTlsIdentity({});
  const TlsIdentity two = IssueTlsIdentity({});
  const auto chain = ParseCertificates(
      absl::StrCat("farm's\n", PemOf(one), KeyPemOf(one), "\n", PemOf(two)));
  ASSERT_TRUE(chain.ok()) << chain.status();
  EXPECT_THAT(*chain, SizeIs(2));
}

TEST(PemTest, AChainExpiresWithItsFirst) {
  const auto expiry_of = [](long begins_in_seconds) {
    const std::string pem = PemOf(IssueTlsIdentity({{}, begins_in_seconds}));
    return ExpiryOf(*ParseCertificates(pem));
  };
  // Each is for an hour.
  const absl::Time now = absl::Now();
  const absl::Time soon = expiry_of(0);
  EXPECT_NEAR(absl::ToDoubleSeconds(soon - now), 3600, 60);
  EXPECT_NEAR(absl::ToDoubleSeconds(expiry_of(86'400) - now), 90'000, 60);
  const std::string chain = absl::StrCat(PemOf(IssueTlsIdentity({{}, 86'400})),
                                         PemOf(IssueTlsIdentity({{}, 0})));
  EXPECT_NEAR(absl::ToDoubleSeconds(ExpiryOf(*ParseCertificates(chain)) - now),
              3600, 60);
}

TEST(PemTest, SaysWhatACertificateLacks) {
  const std::string pem = PemOf(IssueTlsIdentity({}));
  EXPECT_THAT(MessageOf(ParseCertificates("").status()),
              HasSubstr("no certificate"));
  EXPECT_THAT(MessageOf(ParseCertificates("hello").status()),
              HasSubstr("no certificate"));
  // Half written.
  EXPECT_THAT(
      MessageOf(ParseCertificates(pem.substr(0, pem.size() / 2)).status()),
      HasSubstr("damaged"));
  std::string damaged = pem;
  damaged[pem.size() / 2] = '!';
  EXPECT_THAT(MessageOf(ParseCertificates(damaged).status()),
              HasSubstr("damaged"));
  EXPECT_THAT(MessageOf(ParseCertificates(absl::StrCat(pem, damaged)).status()),
              HasSubstr("damaged"));
}

TEST(PemTest, SaysWhatAKeyLacks) {
  EXPECT_TRUE(ParsePrivateKey(KeyPemOf(IssueTlsIdentity({}))).ok());
  EXPECT_THAT(MessageOf(ParsePrivateKey("").status()),
              HasSubstr("no private key"));
  constexpr char kLocked[] =
      "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n"
      "-----END ENCRYPTED PRIVATE KEY-----\n";
  EXPECT_THAT(MessageOf(ParsePrivateKey(kLocked).status()),
              HasSubstr("without a passphrase"));
}

TEST(PemTest, APairBelongsTogether) {
  const TlsIdentity one = IssueTlsIdentity({});
  const TlsIdentity two = IssueTlsIdentity({});
  EXPECT_TRUE(CheckPair(PemOf(one), KeyPemOf(one)).ok());
  EXPECT_THAT(MessageOf(CheckPair(PemOf(one), KeyPemOf(two))),
              HasSubstr("not that of the certificate"));
  // The first of the chain is the server's own.
  EXPECT_TRUE(
      CheckPair(absl::StrCat(PemOf(one), PemOf(two)), KeyPemOf(one)).ok());
  EXPECT_FALSE(
      CheckPair(absl::StrCat(PemOf(one), PemOf(two)), KeyPemOf(two)).ok());
}

TEST(PemTest, AShortKeyIsUnfit) {
  const TlsIdentity weak = IssueTlsIdentity({}, nullptr, /*rsa_bits=*/512);
  EXPECT_THAT(MessageOf(CheckPair(PemOf(weak), KeyPemOf(weak))),
              HasSubstr("unfit for TLS (ee key too small)"));
}

}  // namespace
}  // namespace atelier
