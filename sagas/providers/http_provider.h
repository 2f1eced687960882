// A payment provider behind HTTP(S), as wire.h describes it. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sagas/providers/http_transport.h"
#include "sagas/providers/payment_provider.h"

namespace skald::sagas {

// Seconds since the epoch.
std::int64_t system_seconds();

struct HttpProviderSettings {
    std::string url;           // http:// or https://, with or without a path
    std::string secret = {};   // signs every request; empty: none is signed
    std::string ca_file = {};  // of https: PEM; empty: the system's certificate authorities
    std::size_t idle_connections_max = 8;
    std::function<std::int64_t()> now = system_seconds;  // of the signatures
};

class HttpProvider : public PaymentProvider {
  public:
    // Connects to nothing yet. Throws std::runtime_error for an address or certificates that cannot
    // be used.
    explicit HttpProvider(HttpProviderSettings settings);

    PaymentAnswer call(const PaymentCall& call, std::chrono::milliseconds timeout) override;
    std::optional<PaymentAnswer> find(const std::string& key,
                                      std::chrono::milliseconds timeout) override;

  private:
    HttpRequest signed_request(std::string method, std::string path, std::string body) const;

    const HttpProviderSettings settings_;
    HttpTransport transport_;
};

}  // namespace skald::sagas
