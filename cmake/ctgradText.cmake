# ctgrad::text, for programs that tokenize texts (ctgrad/text.hpp): the library and utf8proc, where that is found. Included
# by this project, and by its package where the component text is asked for.

find_path(ctgrad_UTF8PROC_INCLUDE_DIR utf8proc.h)
find_library(ctgrad_UTF8PROC_LIBRARY utf8proc)
mark_as_advanced(ctgrad_UTF8PROC_INCLUDE_DIR ctgrad_UTF8PROC_LIBRARY)
if(ctgrad_UTF8PROC_INCLUDE_DIR AND ctgrad_UTF8PROC_LIBRARY AND NOT TARGET ctgrad::text)
  add_library(ctgrad::text INTERFACE IMPORTED)
  target_include_directories(ctgrad::text SYSTEM INTERFACE ${ctgrad_UTF8PROC_INCLUDE_DIR})
  target_link_libraries(ctgrad::text INTERFACE ctgrad::ctgrad ${ctgrad_UTF8PROC_LIBRARY})
endif()
