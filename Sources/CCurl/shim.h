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

static inline long pb_curl_response(CURL *curl) {
  long response = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response);
  return response;
}
