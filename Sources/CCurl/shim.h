// libcurl sets its options by a variadic function and by macros, which Swift does not import: one typed function each.
#pragma once
#include <curl/curl.h>

static inline CURLcode pb_curl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode pb_curl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode pb_curl_set_offset(CURL *curl, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode pb_curl_set_pointer(CURL *curl, CURLoption option, void *value) {
  return curl_easy_setopt(curl, option, value);
}

typedef size_t (*pb_curl_writer)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode pb_curl_set_writer(CURL *curl, pb_curl_writer writer, void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, writer);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
}

typedef int (*pb_curl_progress)(void *context, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up);
static inline CURLcode pb_curl_set_progress(CURL *curl, pb_curl_progress progress, void *context) {
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  CURLcode code = curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, progress);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
}

typedef size_t (*pb_curl_header)(char *bytes, size_t size, size_t count, void *context);
static inline CURLcode pb_curl_set_header(CURL *curl, pb_curl_header header, void *context) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_HEADERDATA, context);
}

static inline long pb_curl_response(CURL *curl) {
  long response = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response);
  return response;
}

// -1 where the server announces no length.
static inline curl_off_t pb_curl_length(CURL *curl) {
  curl_off_t length = -1;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return length;
}

// Seconds from now, for either form of Retry-After; 0 without one.
static inline curl_off_t pb_curl_retry_after(CURL *curl) {
  curl_off_t seconds = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds);
  return seconds;
}
